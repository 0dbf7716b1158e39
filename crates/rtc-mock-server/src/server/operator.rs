//! What the operator does to a running mock, by the library or by the admin API.

use rtc_model::Timestamp;

use crate::auth::AuthMode;
use crate::fixture::{Fixture, FixtureError};
use crate::pipeline::Core;

impl Core {
    /// Puts what a fixture describes in the place of all that the mock holds.
    pub(crate) fn hold(&self, fixture: &Fixture) -> Result<(), FixtureError> {
        if self.gatekeeper.mode() == AuthMode::Enforce {
            let known = self.gatekeeper.all_projects();
            fixture.check_projects(|id| known.iter().any(|known| **known == *id))?;
        }
        let now = Timestamp::from(self.clock.now());
        let state = fixture.to_state(&self.origin.default_project, now)?;
        self.service.hold(state);
        Ok(())
    }
}
