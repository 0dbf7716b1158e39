//! OBS buckets.

use rtc_contract_tests::golden::Golden;
use rtc_model::obs::{
    ListObsBucketObjects, ListObsBuckets, ObsAuthorityConfig, ObsLocation, ObsObjectType,
    UpdateObsBucketAuthority,
};

use crate::requests::{BUCKET, BUCKET_PROJECT, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("ListObsBuckets", "plain") => visitor.visit(golden, ListObsBuckets::new()),
        ("ListObsBucketObjects", "objects") => visitor.visit(golden, list(ObsObjectType::Objects)),
        ("ListObsBucketObjects", "folders") => visitor.visit(golden, list(ObsObjectType::Folders)),
        ("ListObsBucketObjects", "prefix") => {
            visitor.visit(golden, list(ObsObjectType::Objects).prefix("Record/"));
        }
        ("ListObsBucketObjects", "prefix-to-encode") => {
            visitor.visit(golden, list(ObsObjectType::Objects).prefix("录制/a b+c~&=%2F"));
        }
        ("UpdateObsBucketAuthority", "authorize") => {
            let body = config(ObsAuthorityConfig::AUTHORIZE);
            visitor.visit(golden, UpdateObsBucketAuthority::new(body));
        }
        ("UpdateObsBucketAuthority", "cancel") => {
            let body = config(ObsAuthorityConfig::CANCEL).project_id(BUCKET_PROJECT);
            visitor.visit(golden, UpdateObsBucketAuthority::new(body));
        }
        _ => return None,
    }
    Some(())
}

fn list(what: ObsObjectType) -> ListObsBucketObjects {
    ListObsBucketObjects::new(BUCKET, what, ObsLocation::CnNorth4)
}

fn config(operation: i32) -> ObsAuthorityConfig {
    ObsAuthorityConfig::new(BUCKET, operation, ObsLocation::CnNorth4)
}
