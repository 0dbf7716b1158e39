//! Apps in the order in which they were made, so that any page costs the same.

use std::collections::BTreeMap;

use rtc_model::AppId;
use rtc_model::apps::AppStatus;

/// Apps in the order in which they were made, in all and by state.
#[derive(Debug, Default)]
pub(crate) struct Ordered {
    next: u64,
    all: Vec<(u64, AppId)>,
    by_status: BTreeMap<AppStatus, Vec<(u64, AppId)>>,
}

impl Ordered {
    /// Adds an app; gives the number by which it is found again.
    pub(crate) fn push(&mut self, id: AppId, status: AppStatus) -> u64 {
        let number = self.next;
        self.next += 1;
        self.all.push((number, id.clone()));
        self.by_status.entry(status).or_default().push((number, id));
        number
    }

    /// The next number is `number`, if it is not past that.
    #[cfg(feature = "store")]
    pub(crate) fn number_from(&mut self, number: u64) {
        self.next = self.next.max(number);
    }

    /// Takes an app out.
    pub(crate) fn remove(&mut self, number: u64, status: &AppStatus) {
        take(&mut self.all, number);
        if let Some(list) = self.by_status.get_mut(status) {
            take(list, number);
        }
    }

    /// Moves an app to another state.
    pub(crate) fn set_status(&mut self, number: u64, id: &AppId, from: &AppStatus, to: &AppStatus) {
        if from == to {
            return;
        }
        if let Some(list) = self.by_status.get_mut(from) {
            take(list, number);
        }
        let list = self.by_status.entry(to.clone()).or_default();
        if let Err(place) = list.binary_search_by_key(&number, |(number, _)| *number) {
            list.insert(place, (number, id.clone()));
        }
    }

    /// All apps, or those in a state.
    pub(crate) fn ids(&self, status: Option<&AppStatus>) -> &[(u64, AppId)] {
        match status {
            None => &self.all,
            Some(status) => self.by_status.get(status).map_or(&[], Vec::as_slice),
        }
    }
}

fn take(list: &mut Vec<(u64, AppId)>, number: u64) {
    if let Ok(place) = list.binary_search_by_key(&number, |(number, _)| *number) {
        list.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[(u64, AppId)]) -> Vec<&str> {
        list.iter().map(|(_, id)| id.as_str()).collect()
    }

    #[test]
    fn the_order_survives_removals_and_changes_of_state() {
        let mut ordered = Ordered::default();
        let numbers: Vec<_> =
            ["a", "b", "c", "d"].map(|id| ordered.push(id.into(), AppStatus::Activation)).into();
        ordered.set_status(
            numbers[1],
            &"b".into(),
            &AppStatus::Activation,
            &AppStatus::Deactivation,
        );
        ordered.remove(numbers[2], &AppStatus::Activation);
        assert_eq!(names(ordered.ids(None)), ["a", "b", "d"]);
        assert_eq!(names(ordered.ids(Some(&AppStatus::Activation))), ["a", "d"]);
        ordered.set_status(
            numbers[1],
            &"b".into(),
            &AppStatus::Deactivation,
            &AppStatus::Activation,
        );
        assert_eq!(names(ordered.ids(Some(&AppStatus::Activation))), ["a", "b", "d"]);
        assert_eq!(names(ordered.ids(Some(&AppStatus::Arrears))), [""; 0]);
    }
}
