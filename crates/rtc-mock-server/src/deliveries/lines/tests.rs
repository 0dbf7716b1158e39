//! Lines of jobs and shares of hosts.

use proptest::prelude::*;

use super::*;
use crate::deliveries::tests::{attempt, notice};

const SCHEDULE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn lines(told: &[(&str, &str)]) -> Lines {
    let mut lines = Lines::default();
    let told: Told = told.iter().map(|(job, host)| notice(job, host, 0)).collect();
    assert_eq!(lines.add(told.clone()).count(), told.len());
    lines
}

fn take(lines: &mut Lines, now: u64) -> Option<u64> {
    lines.take_due(at(now)).map(|delivery| delivery.id)
}

fn finish(lines: &mut Lines, id: u64, ending: Ending, now: u64) {
    lines.finish(id, attempt(at(now)), ending, at(now), &SCHEDULE);
}

#[test]
fn a_host_has_its_share_and_those_that_do_not_answer_hold_up_no_other() {
    let mut lines = Lines::default();
    // Jobs of their own at hosts that take all there is, and then one behind them in the alphabet.
    let many = (0..PER_HOST * 2).flat_map(|job| (0..20).map(move |host| (job, host)));
    lines.add(
        many.map(|(job, host)| notice(&format!("{job}-{host}"), &format!("a{host}"), 0)).collect(),
    );
    let mut taken = Vec::new();
    while let Some(id) = take(&mut lines, 0) {
        taken.push(id);
    }
    assert_eq!(taken.len(), IN_ALL);
    assert_eq!(lines.next_due(), None, "nothing more can be begun");
    assert!(lines.hosts.values().all(|host| host.under_way <= PER_HOST));
    let last = *lines.add(vec![notice("last", "z", 1)]).end();
    finish(&mut lines, taken[0], Ending::Failed, 5);
    assert_eq!(take(&mut lines, 5), Some(last), "the one that is asked least is next");
}

#[test]
fn one_host_has_no_more_than_its_share() {
    let jobs: Vec<String> = (0..=PER_HOST).map(|job| job.to_string()).collect();
    let mut lines = lines(&jobs.iter().map(|job| (job.as_str(), "h")).collect::<Vec<_>>());
    for id in 1..=PER_HOST as u64 {
        assert_eq!(take(&mut lines, 0), Some(id));
    }
    assert_eq!((take(&mut lines, 0), lines.next_due()), (None, None));
    finish(&mut lines, 3, Ending::Delivered, 0);
    assert_eq!((lines.next_due(), take(&mut lines, 0)), (Some(at(0)), Some(PER_HOST as u64 + 1)));
}

#[test]
fn attempts_follow_the_schedule_and_the_next_of_the_job_is_not_before_the_end() {
    let mut lines = lines(&[("j", "h"), ("j", "h")]);
    assert_eq!((take(&mut lines, 0), take(&mut lines, 0)), (Some(1), None));
    finish(&mut lines, 1, Ending::Failed, 10);
    assert_eq!((lines.next_due(), lines.waiting()), (Some(at(11)), 2));
    assert_eq!(take(&mut lines, 11), Some(1));
    finish(&mut lines, 1, Ending::Failed, 20);
    assert_eq!((lines.next_due(), take(&mut lines, 25)), (Some(at(25)), Some(1)));
    finish(&mut lines, 1, Ending::Failed, 30);
    assert_eq!((lines.next_due(), lines.waiting()), (Some(at(30)), 1));
    assert_eq!(take(&mut lines, 30), Some(2));
    finish(&mut lines, 2, Ending::Refused, 30);
    assert!(lines.jobs.is_empty() && lines.hosts.is_empty());
    assert_eq!((lines.waiting(), lines.is_busy(), lines.next_due()), (0, false, None));
    let states: Vec<_> = lines.all().map(|one| one.stage).collect();
    assert_eq!(states, [Stage::Over(DeliveryState::Failed), Stage::Over(DeliveryState::Refused)]);
}

#[test]
fn what_is_asked_for_again_is_tried_once_whatever_comes_of_it() {
    let mut lines = lines(&[("j", "h"), ("j", "h"), ("j", "h")]);
    take(&mut lines, 0);
    assert!(!lines.redeliver(1, at(0)), "it is under way");
    finish(&mut lines, 1, Ending::Delivered, 0);
    assert!(lines.redeliver(1, at(3)));
    assert_eq!(lines.waiting(), 3);
    // It is not in the way of the other one of the job, which is due first.
    assert_eq!((take(&mut lines, 3), take(&mut lines, 3)), (Some(2), Some(1)));
    finish(&mut lines, 1, Ending::Failed, 3);
    assert_eq!((lines.waiting(), lines.next_due()), (2, None), "the third waits for the second");
    finish(&mut lines, 2, Ending::Delivered, 3);
    assert_eq!(take(&mut lines, 3), Some(3));
    finish(&mut lines, 3, Ending::Delivered, 3);
    assert!(lines.redeliver(1, at(4)) && lines.redeliver(1, at(5)), "twice asked is once due");
    assert_eq!((take(&mut lines, 5), take(&mut lines, 5)), (Some(1), None));
    finish(&mut lines, 1, Ending::Failed, 5);
    assert_eq!((lines.waiting(), lines.over.len()), (0, 3));
}

#[test]
fn what_waits_behind_another_goes_out_when_it_was_asked_for() {
    let mut lines = lines(&[("j", "h"), ("j", "h")]);
    take(&mut lines, 0);
    assert!(lines.redeliver(2, at(7)));
    assert_eq!(take(&mut lines, 9), None, "the first is under way");
    finish(&mut lines, 1, Ending::Delivered, 5);
    assert_eq!((take(&mut lines, 6), take(&mut lines, 7)), (None, Some(2)));
}

#[test]
fn what_is_cleared_while_an_attempt_is_under_way_stays_cleared() {
    let mut lines = lines(&[("j", "h"), ("j", "h")]);
    take(&mut lines, 0);
    lines.is_paused = true;
    assert_eq!(lines.clear(), [1, 2]);
    finish(&mut lines, 1, Ending::Failed, 0);
    lines.put_off(1, at(1));
    assert!(!lines.let_pass(1) && !lines.redeliver(1, at(0)));
    assert!(lines.is_paused, "who stopped the sending has to let it go on");
    assert_eq!((lines.waiting(), lines.is_busy(), lines.all().count()), (0, false, 0));
    lines.is_paused = false;
    assert_eq!(lines.add(vec![notice("j", "h", 0)]), 3..=3, "numbers are not used again");
    assert_eq!(take(&mut lines, 0), Some(3));
    finish(&mut lines, 1, Ending::Failed, 0);
    assert!(lines.is_busy(), "the old one ends nothing of the new one");
}

#[test]
fn those_that_are_over_are_kept_to_a_bound_and_the_oldest_go() {
    let mut lines = Lines::default();
    for id in 1..=KEPT as u64 + 2 {
        lines.add(vec![notice("j", "h", 0)]);
        take(&mut lines, 0);
        finish(&mut lines, id, Ending::Delivered, 0);
    }
    assert_eq!((lines.all().count(), lines.all().next().map(|one| one.id)), (KEPT, Some(3)));
    assert_eq!(lines.forget_over(), KEPT);
    assert_eq!(lines.all().count(), 0);
}

#[test]
fn of_many_attempts_the_last_are_kept() {
    let mut lines = lines(&[("j", "h")]);
    for second in 0..=ATTEMPTS as u64 {
        lines.redeliver(1, at(second));
        take(&mut lines, second);
        lines.finish(1, attempt(at(second)), Ending::Delivered, at(second), &[]);
    }
    let attempts = &lines.get(1).unwrap().attempts;
    assert_eq!((attempts.len(), attempts[0].time), (ATTEMPTS, at(1).into()));
}

#[test]
fn a_hurry_makes_due_what_waits_for_its_time_and_puts_nothing_off() {
    let mut lines = lines(&[("j", "h"), ("k", "h")]);
    take(&mut lines, 0);
    finish(&mut lines, 1, Ending::Failed, 100);
    lines.hurry(at(50));
    assert_eq!(lines.next_due(), Some(at(0)), "what was due is due");
    assert_eq!((take(&mut lines, 50), take(&mut lines, 50)), (Some(2), Some(1)));
}

proptest! {
    /// Whatever happens to them, those of a job go out one at a time and in order, none is lost and
    /// the counts are right.
    #[test]
    fn those_of_a_job_go_out_one_at_a_time_in_order(
        steps in prop::collection::vec((0_u8..8, 0_u8..3, any::<prop::sample::Index>()), 1..200),
    ) {
        let (mut lines, mut now, mut under_way) = (Lines::default(), 0, Vec::new());
        let mut ended: BTreeMap<JobId, u64> = BTreeMap::new();
        for (what, which, pick) in steps {
            match what {
                0 | 1 => drop(lines.add(vec![notice(&which.to_string(), &format!("h{which}"), now)])),
                2 | 3 => if let Some(one) = lines.take_due(at(now)) {
                    let job = one.notice.job.clone();
                    prop_assert!(under_way.iter().all(|(_, other)| *other != job), "one at a time");
                    prop_assert!(ended.get(&job).is_none_or(|last| *last < one.id), "in order");
                    under_way.push((one.id, job));
                },
                4 | 5 if !under_way.is_empty() => {
                    let (id, job) = under_way.swap_remove(pick.index(under_way.len()));
                    let ending = [Ending::Delivered, Ending::Failed, Ending::Refused][usize::from(which)];
                    finish(&mut lines, id, ending, now);
                    if matches!(lines.get(id).unwrap().stage, Stage::Over(_)) {
                        ended.insert(job, id);
                    }
                }
                6 => now += u64::from(which) * 3,
                _ => lines.hurry(at(now)),
            }
            let open = lines.all().filter(|one| !matches!(one.stage, Stage::Over(_))).count();
            prop_assert_eq!((lines.waiting(), lines.under_way), (open, under_way.len()));
        }
        for (id, _) in under_way {
            finish(&mut lines, id, Ending::Delivered, now);
        }
        while let Some(one) = lines.take_due(at(now + 1_000)) {
            finish(&mut lines, one.id, Ending::Delivered, now + 1_000);
        }
        prop_assert_eq!((lines.waiting(), lines.jobs.len(), lines.hosts.len()), (0, 0, 0));
    }
}
