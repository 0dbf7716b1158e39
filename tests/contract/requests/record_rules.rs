//! Record rules.

use rtc_contract_tests::golden::Golden;
use rtc_model::record_rules::{
    CreateRecordRule, DeleteRecordRule, HlsRecordConfig, ListRecordRules, Mp4RecordConfig,
    RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation, ShowRecordRule, UpdateRecordRule,
};

use crate::requests::{APP, BUCKET, BUCKET_PROJECT, RULE, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("CreateRecordRule", "hls") => {
            let body = RecordRuleReq::new(place())
                .record_formats([RecordFormat::Hls])
                .hls_config(HlsRecordConfig::new(0));
            visitor.visit(golden, CreateRecordRule::new(APP, body));
        }
        ("CreateRecordRule", "mp4") => visitor.visit(golden, CreateRecordRule::new(APP, mp4())),
        ("CreateRecordRule", "all-fields") => {
            visitor.visit(golden, CreateRecordRule::new(APP, all_fields()));
        }
        ("ListRecordRules", "plain") => visitor.visit(golden, ListRecordRules::new(APP)),
        ("ListRecordRules", "offset-limit") => {
            visitor.visit(golden, ListRecordRules::new(APP).offset(0).limit(100));
        }
        ("ShowRecordRule", "plain") => visitor.visit(golden, ShowRecordRule::new(APP, RULE)),
        ("UpdateRecordRule", "mp4") => {
            visitor.visit(golden, UpdateRecordRule::new(APP, RULE, mp4()));
        }
        ("UpdateRecordRule", "all-fields") => {
            visitor.visit(golden, UpdateRecordRule::new(APP, RULE, all_fields()));
        }
        ("DeleteRecordRule", "plain") => visitor.visit(golden, DeleteRecordRule::new(APP, RULE)),
        _ => return None,
    }
    Some(())
}

fn place() -> RecordObsFileAddr {
    RecordObsFileAddr::new(RuleLocation::CnNorth4, BUCKET_PROJECT, BUCKET)
}

fn mp4() -> RecordRuleReq {
    RecordRuleReq::new(place())
        .record_formats([RecordFormat::Mp4])
        .mp4_config(Mp4RecordConfig::new(3600))
}

fn all_fields() -> RecordRuleReq {
    let hls = HlsRecordConfig::new(43_200)
        .record_prefix(
            "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}",
        )
        .record_slice_duration(10)
        .record_max_duration_to_merge_file(-1);
    let mp4 = Mp4RecordConfig::new(60)
        .record_prefix("{app_id}/{stream}_{file_start_time}")
        .record_max_duration_to_merge_file(300);
    RecordRuleReq::new(place().object("录制/2020 07"))
        .record_formats([RecordFormat::Hls, RecordFormat::Mp4])
        .hls_config(hls)
        .mp4_config(mp4)
}
