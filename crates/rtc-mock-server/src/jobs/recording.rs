//! What a job records: files that are begun and completed as the time goes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_model::record_rules::{RecordFormat, RecordRule};

/// How far the recording of a job is told.
#[derive(Debug, Clone, Default)]
pub(crate) enum Progress {
    /// Nothing is.
    #[default]
    Nothing,
    /// All that was before this time, which nobody is told of; the files are those that are open
    /// then.
    Before(SystemTime),
    /// The files that are open.
    Open(Recording),
    /// All of it.
    All,
}

/// The files that are being written.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    /// As it was when they were begun: a changed rule changes nothing of them.
    pub(crate) rule: Arc<RecordRule>,
    pub(crate) files: Vec<OpenFile>,
}

/// A file that is being written.
#[derive(Debug, Clone)]
pub(crate) struct OpenFile {
    pub(crate) format: RecordFormat,
    pub(crate) since: SystemTime,
}

/// Something that a record callback may be told of.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) at: SystemTime,
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A file was begun.
    Begun { format: RecordFormat },
    /// A file is complete.
    Complete { rule: Arc<RecordRule>, format: RecordFormat, since: SystemTime },
    /// The job is over.
    Over,
}

impl Recording {
    /// Files that are begun now, one of each format.
    pub(crate) fn begin(rule: Arc<RecordRule>, at: SystemTime, told: &mut Vec<Moment>) -> Self {
        let recording = Self::silent(rule, at, at);
        recording.tell_begun(at, told);
        recording
    }

    /// The files that are open at a time, when the first were begun at another.
    pub(crate) fn silent(rule: Arc<RecordRule>, since: SystemTime, at: SystemTime) -> Self {
        let formats = rule.record_formats.iter().cloned();
        let files = formats.map(|format| OpenFile { format, since }).collect();
        let mut recording = Self { rule, files };
        recording.skip(at);
        recording
    }

    /// Lets files end and begin until `end`, or until there are `most` to be told; `false` when
    /// that left something to be done.
    pub(crate) fn run(&mut self, end: SystemTime, most: usize, told: &mut Vec<Moment>) -> bool {
        loop {
            // Of several at the same time, the first in the order of the rule.
            let due = self.boundaries().min_by_key(|(_, boundary)| *boundary);
            let Some((place, boundary)) = due.filter(|(_, boundary)| *boundary <= end) else {
                return true;
            };
            if told.len() >= most {
                return false;
            }
            let rule = &self.rule;
            if let Some(file) = self.files.get_mut(place) {
                let since = std::mem::replace(&mut file.since, boundary);
                told.push(complete(rule, &file.format, since, boundary));
                let what = What::Begun { format: file.format.clone() };
                told.push(Moment { at: boundary, what });
            }
        }
    }

    /// Lets the time go by without telling anybody.
    pub(crate) fn skip(&mut self, at: SystemTime) {
        for file in &mut self.files {
            let Some(cycle) = cycle(&self.rule, &file.format) else { continue };
            let Ok(age) = at.duration_since(file.since) else { continue };
            let over = Duration::from_secs(age.as_secs() % cycle.as_secs());
            let fraction = Duration::from_nanos(u64::from(age.subsec_nanos()));
            file.since = at.checked_sub(over + fraction).unwrap_or(file.since);
        }
    }

    /// Completes all files.
    pub(crate) fn complete(&self, at: SystemTime, told: &mut Vec<Moment>) {
        told.extend(
            self.files.iter().map(|file| complete(&self.rule, &file.format, file.since, at)),
        );
    }

    /// When the next file is complete, if the job goes on.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.boundaries().map(|(_, boundary)| boundary).min()
    }

    fn tell_begun(&self, at: SystemTime, told: &mut Vec<Moment>) {
        told.extend(self.files.iter().map(|file| {
            let what = What::Begun { format: file.format.clone() };
            Moment { at, what }
        }));
    }

    fn boundaries(&self) -> impl Iterator<Item = (usize, SystemTime)> {
        self.files.iter().enumerate().filter_map(|(place, file)| {
            let boundary = file.since.checked_add(cycle(&self.rule, &file.format)?)?;
            Some((place, boundary))
        })
    }
}

fn complete(
    rule: &Arc<RecordRule>,
    format: &RecordFormat,
    since: SystemTime,
    at: SystemTime,
) -> Moment {
    let (rule, format) = (Arc::clone(rule), format.clone());
    // A clock that was set back leaves files that begin later than they end.
    let since = since.min(at);
    Moment { at, what: What::Complete { rule, format, since } }
}

/// How long a file gets; `None` where it gets as long as the job.
fn cycle(rule: &RecordRule, format: &RecordFormat) -> Option<Duration> {
    let seconds = match format {
        RecordFormat::Hls => rule.hls_config.as_ref().map(|hls| hls.record_cycle),
        RecordFormat::Mp4 => rule.mp4_config.as_ref().map(|mp4| mp4.record_cycle),
        _ => None,
    };
    let seconds = u64::try_from(seconds?).ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use rtc_model::record_rules::{HlsRecordConfig, Mp4RecordConfig};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn rule(hls: i32, mp4: i32) -> Arc<RecordRule> {
        let rule = RecordRule::new().record_formats([RecordFormat::Hls, RecordFormat::Mp4]);
        let (hls, mp4) = (HlsRecordConfig::new(hls), Mp4RecordConfig::new(mp4));
        Arc::new(rule.hls_config(hls).mp4_config(mp4))
    }

    /// The moments as time and word.
    fn words(told: &[Moment]) -> Vec<String> {
        let seconds = |time: SystemTime| time.duration_since(at(0)).unwrap().as_secs();
        let word = |moment: &Moment| match &moment.what {
            What::Begun { format } => format!("{} {format} begun", seconds(moment.at)),
            What::Complete { format, since, .. } => {
                format!("{} {format} from {}", seconds(moment.at), seconds(*since))
            }
            What::Over => format!("{} over", seconds(moment.at)),
        };
        told.iter().map(word).collect()
    }

    #[test]
    fn files_end_by_the_cycle_of_their_format_in_the_order_of_time() {
        let mut told = Vec::new();
        let mut recording = Recording::begin(rule(60, 90), at(0), &mut told);
        assert_eq!(recording.next_due(), Some(at(60)));
        assert!(recording.run(at(185), usize::MAX, &mut told));
        recording.complete(at(190), &mut told);
        let expected = [
            "0 HLS begun",
            "0 MP4 begun",
            "60 HLS from 0",
            "60 HLS begun",
            "90 MP4 from 0",
            "90 MP4 begun",
            "120 HLS from 60",
            "120 HLS begun",
            "180 HLS from 120",
            "180 HLS begun",
            "180 MP4 from 90",
            "180 MP4 begun",
            "190 HLS from 180",
            "190 MP4 from 180",
        ];
        assert_eq!(words(&told), expected);
    }

    #[test]
    fn a_run_that_is_cut_short_goes_on_where_it_was() {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        let mut recording = Recording::begin(rule(60, 90), at(0), &mut whole);
        recording.run(at(3_600), usize::MAX, &mut whole);
        let mut recording = Recording::begin(rule(60, 90), at(0), &mut parts);
        let mut most = 5;
        while !recording.run(at(3_600), most, &mut parts) {
            most += 3;
        }
        assert_eq!(words(&parts), words(&whole));
    }

    #[test]
    fn a_whole_stream_is_one_file_and_time_that_is_skipped_is_not_told() {
        let mut told = Vec::new();
        let mut recording = Recording::silent(rule(0, 60), at(5), at(200));
        assert_eq!(recording.next_due(), Some(at(245)));
        recording.run(at(250), usize::MAX, &mut told);
        recording.complete(at(251), &mut told);
        let expected = ["245 MP4 from 185", "245 MP4 begun", "251 HLS from 5", "251 MP4 from 245"];
        assert_eq!(words(&told), expected);
    }
}
