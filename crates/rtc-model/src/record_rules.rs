//! Record rules: where recordings go and in which form (pages `CreateRecordRule`,
//! `ListRecordRules`, `ShowRecordRule`, `UpdateRecordRule`, `DeleteRecordRule`).

use crate::id::{AppId, RuleId};
use crate::operation::{Upserted, json_output};
use crate::timestamp::Timestamp;
use crate::validate::{Field, Violation};

operation! {
    /// Makes a record rule, or replaces the rule that the location has (decision D9): an app has
    /// one rule a location.
    ///
    /// ```
    /// use rtc_model::record_rules::*;
    ///
    /// let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
    /// let rule = RecordRuleReq::new(place).record_formats([RecordFormat::Hls]).hls_config(HlsRecordConfig::new(0));
    /// let create = CreateRecordRule::new("123456789abcdefghijklmno", rule);
    /// assert_eq!(create.body.record_formats, [RecordFormat::Hls]);
    /// ```
    CreateRecordRule: POST "/v2/apps/{app_id}/record-rules" => CREATED | OK
    path { /** The application. */ app_id: AppId }
    body RecordRuleReq;
    returns Upserted<RecordRule>;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Lists the record rules of an app, page by page. The answer has no total.
    ///
    /// ```
    /// use rtc_model::record_rules::ListRecordRules;
    ///
    /// let list = ListRecordRules::new("123456789abcdefghijklmno").limit(100);
    /// assert_eq!(list.offset, None);
    /// ```
    ListRecordRules: GET "/v2/apps/{app_id}/record-rules" => OK
    path { /** The application. */ app_id: AppId }
    optional query {
        /// The page, beginning with 0 (decision D1); 0 by default.
        offset("offset"): i32 { range 0..=2_147_483_647 },
        /// The rules on a page, 100 by default.
        limit("limit"): i32 { range 1..=100 },
    }
    returns RecordRuleList;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Queries a record rule.
    ///
    /// ```
    /// use rtc_model::record_rules::ShowRecordRule;
    ///
    /// let show = ShowRecordRule::new("123456789abcdefghijklmno", "456789abc");
    /// assert_eq!(show.rule_id.as_str(), "456789abc");
    /// ```
    ShowRecordRule: GET "/v2/apps/{app_id}/record-rules/{rule_id}" => OK
    path { /** The application. */ app_id: AppId, /** The rule. */ rule_id: RuleId }
    returns RecordRule;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Replaces a record rule. Streams that are being recorded go on by the old one.
    ///
    /// ```
    /// use rtc_model::record_rules::*;
    ///
    /// let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
    /// let rule = RecordRuleReq::new(place).record_formats([RecordFormat::Mp4]).mp4_config(Mp4RecordConfig::new(3600));
    /// let update = UpdateRecordRule::new("123456789abcdefghijklmno", "456789abc", rule);
    /// assert_eq!(update.rule_id.as_str(), "456789abc");
    /// ```
    UpdateRecordRule: PUT "/v2/apps/{app_id}/record-rules/{rule_id}" => OK
    path { /** The application. */ app_id: AppId, /** The rule. */ rule_id: RuleId }
    body RecordRuleReq;
    returns RecordRule;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Deletes a record rule; one that is in use is kept (decision D10).
    ///
    /// ```
    /// use rtc_model::record_rules::DeleteRecordRule;
    ///
    /// let delete = DeleteRecordRule::new("123456789abcdefghijklmno", "456789abc");
    /// assert_eq!(delete.rule_id.as_str(), "456789abc");
    /// ```
    DeleteRecordRule: DELETE "/v2/apps/{app_id}/record-rules/{rule_id}" => NO_CONTENT
    path { /** The application. */ app_id: AppId, /** The rule. */ rule_id: RuleId }
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

object! {
    /// A record rule as it is made or replaced.
    pub struct RecordRuleReq {
        required {
            /// Where the files go.
            obs_addr: RecordObsFileAddr,
        }
        optional {
            /// How HLS files are made; mandatory when HLS is among the formats.
            hls_config: HlsRecordConfig,
            /// How MP4 files are made; mandatory when MP4 is among the formats.
            mp4_config: Mp4RecordConfig,
        }
        lists {
            /// The formats of the files.
            record_formats: RecordFormat { some },
        }
    }
    check check_formats;
}

object! {
    /// A record rule.
    pub struct RecordRule: Default {
        optional {
            /// The id, made by the service.
            rule_id: RuleId,
            /// The app.
            app_id: AppId,
            /// Where the files go.
            obs_addr: RecordObsFileAddr,
            /// How HLS files are made.
            hls_config: HlsRecordConfig,
            /// How MP4 files are made.
            mp4_config: Mp4RecordConfig,
            /// When the rule was made, UTC.
            create_time: Timestamp,
            /// When the rule was changed last, UTC.
            update_time: Timestamp,
        }
        lists {
            /// The formats of the files.
            record_formats: RecordFormat,
        }
    }
}

object! {
    /// A page of record rules.
    pub struct RecordRuleList: Default {
        lists {
            /// The rules of the page.
            rules: RecordRule,
        }
    }
}

object! {
    /// Where recorded files go: a place in OBS.
    pub struct RecordObsFileAddr {
        required {
            /// The region of the bucket.
            location: RuleLocation,
            /// The project of the bucket's region.
            project_id: String { chars 1..=128 },
            /// The bucket.
            bucket: String { chars 1..=256 },
        }
        optional {
            /// The prefix of the files' paths; empty is the top of the bucket.
            object: String { chars 0..=1024 },
        }
    }
}

object! {
    /// How HLS files are made.
    pub struct HlsRecordConfig {
        required {
            /// The length of a recording in seconds: 0 for one recording of the whole stream, else
            /// 60 to 43,200.
            record_cycle: i32 { range 0..=43_200 },
        }
        optional {
            /// The template of the files' paths, of the variables `app_id`, `record_format`,
            /// `stream` and `file_start_time` in braces. By default
            /// `{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}`.
            record_prefix: String { chars 1..=512 },
            /// The length of a ts slice in seconds, 10 by default.
            record_slice_duration: i32 { range 2..=60 },
            /// The longest interruption in seconds after which a file is continued: 0, the default,
            /// begins a new file each time, -1 continues after any interruption.
            record_max_duration_to_merge_file: i32 { range -1..=300 },
        }
    }
    check check_hls;
}

object! {
    /// How MP4 files are made.
    pub struct Mp4RecordConfig {
        required {
            /// The length of a file in seconds.
            record_cycle: i32 { range 60..=10_800 },
        }
        optional {
            /// The template of the files' paths, as in [`HlsRecordConfig::record_prefix`].
            record_prefix: String { chars 1..=512 },
            /// The longest interruption in seconds after which a file is continued; 0 by default,
            /// which begins a new file each time.
            record_max_duration_to_merge_file: i32 { range 0..=300 },
        }
    }
}

open_enum! {
    /// The regions that record rules can store to.
    pub enum RuleLocation {
        /// North China, Beijing 4.
        CnNorth4 = "cn-north-4",
    }
}

open_enum! {
    /// The formats of recorded files.
    pub enum RecordFormat {
        /// HLS: a playlist and its slices.
        Hls = "HLS",
        /// MP4.
        Mp4 = "MP4",
    }
}

json_output!(RecordRule, RecordRuleList);

fn check_formats(rule: &RecordRuleReq, at: &Field<'_>) -> Result<(), Violation> {
    let has = |format| rule.record_formats.contains(&format);
    if has(RecordFormat::Hls) && rule.hls_config.is_none() {
        return Err(at.name("hls_config").combination("the format HLS needs it"));
    }
    if has(RecordFormat::Mp4) && rule.mp4_config.is_none() {
        return Err(at.name("mp4_config").combination("the format MP4 needs it"));
    }
    Ok(())
}

fn check_hls(hls: &HlsRecordConfig, at: &Field<'_>) -> Result<(), Violation> {
    if (1..60).contains(&hls.record_cycle) {
        let place = at.name("record_cycle");
        return Err(
            place.invalid(format!("it is {}, 0 or 60 to 43200 is allowed", hls.record_cycle))
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Validate as _, ViolationKind};

    fn rule() -> RecordRuleReq {
        RecordRuleReq::new(RecordObsFileAddr::new(RuleLocation::CnNorth4, "p", "b"))
    }

    #[test]
    fn each_format_needs_its_own_settings() {
        let violation = |rule: RecordRuleReq| rule.validate(&Field::ROOT).unwrap_err();
        assert_eq!(violation(rule()).kind(), ViolationKind::Missing);
        for (format, field) in
            [(RecordFormat::Hls, "hls_config"), (RecordFormat::Mp4, "mp4_config")]
        {
            let violation = violation(rule().record_formats([format]));
            assert_eq!((violation.kind(), violation.field()), (ViolationKind::Combination, field));
        }
        let both = rule().record_formats([RecordFormat::Hls, RecordFormat::Mp4]);
        let both = both.hls_config(HlsRecordConfig::new(0)).mp4_config(Mp4RecordConfig::new(60));
        assert!(both.validate(&Field::ROOT).is_ok());
    }

    #[test]
    fn a_cycle_is_the_whole_stream_or_at_least_a_minute() {
        let check = |cycle| HlsRecordConfig::new(cycle).validate(&Field::ROOT).is_ok();
        let found = [-1, 0, 1, 59, 60, 43_200, 43_201].map(check);
        assert_eq!(found, [false, true, false, false, true, true, false]);
    }

    #[test]
    fn an_unknown_location_is_refused_with_its_place() {
        let place = RecordObsFileAddr::new("eu-west-0", "p", "b");
        let violation = RecordRuleReq::new(place).validate(&Field::ROOT).unwrap_err();
        assert_eq!(violation.field(), "obs_addr.location");
    }
}
