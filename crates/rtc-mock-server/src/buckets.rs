//! OBS buckets (decision D28).

use std::collections::BTreeMap;
use std::time::SystemTime;

use rtc_model::obs::{ObsBucket, ObsObject};
use time::{OffsetDateTime, UtcOffset};

/// The bucket that every project has at its start.
const DEMO_BUCKET: &str = "demo-bucket";

/// The buckets of a project.
#[derive(Debug)]
pub(crate) struct Buckets {
    buckets: BTreeMap<String, Bucket>,
}

/// A bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) location: String,
    /// As OBS writes it; empty until the bucket is first shown.
    pub(crate) creation_date: Option<String>,
    pub(crate) authorized: bool,
    pub(crate) objects: Vec<ObsObject>,
}

impl Default for Buckets {
    fn default() -> Self {
        let bucket = Bucket {
            location: "cn-north-4".to_owned(),
            creation_date: None,
            authorized: false,
            objects: Vec::new(),
        };
        Self { buckets: BTreeMap::from([(DEMO_BUCKET.to_owned(), bucket)]) }
    }
}

impl Buckets {
    /// Takes the place of the demo bucket.
    pub(crate) fn replace(&mut self, buckets: BTreeMap<String, Bucket>) {
        self.buckets = buckets;
    }

    /// All buckets by name.
    pub(crate) fn all(&self) -> &BTreeMap<String, Bucket> {
        &self.buckets
    }

    /// A bucket in its region.
    pub(crate) fn get(&self, name: &str, location: &str) -> Option<&Bucket> {
        self.buckets.get(name).filter(|bucket| bucket.location == location)
    }

    /// A bucket in its region, to change.
    pub(crate) fn get_mut(&mut self, name: &str, location: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(name).filter(|bucket| bucket.location == location)
    }

    /// All buckets as they are answered. A bucket whose making was not told is as old as the mock.
    pub(crate) fn list(&self, started: SystemTime) -> Vec<ObsBucket> {
        let buckets = self.buckets.iter();
        buckets
            .map(|(name, bucket)| {
                let created = bucket.creation_date.clone().unwrap_or_else(|| obs_time(started));
                ObsBucket::new()
                    .bucket(name.as_str())
                    .location(bucket.location.as_str())
                    .creation_date(created)
                    .is_authorized(bucket.authorized)
            })
            .collect()
    }
}

/// A time as OBS writes it: `2020/07/16 15:11:55 GMT+08:00`.
pub(crate) fn obs_time(time: SystemTime) -> String {
    let east = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time =
        i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    let time = time.and_then(|time| time.checked_to_offset(east));
    let t = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}/{:02}/{:02} {:02}:{:02}:{:02} GMT+08:00",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_have_the_form_of_the_reference() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_594_883_515);
        assert_eq!(obs_time(time), "2020/07/16 15:11:55 GMT+08:00");
        assert_eq!(obs_time(time).len(), 29);
    }
}
