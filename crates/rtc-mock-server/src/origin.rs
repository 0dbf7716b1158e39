//! What a server began with, so that it can begin anew.

use rtc_model::Timestamp;

use crate::admin_api::ResetPart;
use crate::clock::Clock;
use crate::events::Event;
use crate::fault::Fault;
use crate::fixture::{Fixture, FixtureError};
use crate::ids::Seed;
use crate::pipeline::Core;

/// What a server began with.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) fixture: Fixture,
    pub(crate) default_project: String,
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) faults: Vec<Fault>,
}

impl Core {
    /// Begins anew in the parts named. A fixture that was good at the start is good again.
    pub(crate) fn reset(&self, parts: &[ResetPart]) -> Result<(), FixtureError> {
        let origin = &self.origin;
        if parts.contains(&ResetPart::Clock) {
            let clock = origin.clock.clone();
            let _ = self.turn_clock(|_| Ok(clock));
        }
        if parts.contains(&ResetPart::State) {
            let now = Timestamp::from(self.clock.now());
            let state = origin.fixture.to_state(&origin.default_project, now)?;
            self.service.replace(state, origin.seed);
            self.gatekeeper.forget();
            self.throttle.clear();
            self.service.deliveries().set_paused(false);
        }
        if parts.contains(&ResetPart::Faults) {
            self.faults.restart(&origin.faults);
        }
        if parts.contains(&ResetPart::Requests) {
            self.journal.clear();
        }
        self.events.tell(Event::Reset);
        Ok(())
    }
}
