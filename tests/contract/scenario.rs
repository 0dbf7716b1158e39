//! What the scenarios of L6 are written with: a server, a client, and calls that assert.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use rtc_client::Client;
use rtc_contract_tests::coverage;
use rtc_mock_server::{Clock, MockServer, MockServerBuilder};
use rtc_model::apps::{AppReq, CreateApp};
use rtc_model::jobs::RecordParam;
use rtc_model::record_rules::{
    CreateRecordRule, HlsRecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};
use rtc_model::{AppId, Operation, RuleId};

/// A server with a client on the same clock, which only moves when it is told to.
pub(crate) struct Scenario {
    pub(crate) server: MockServer,
    pub(crate) client: Client,
    time: Arc<Mutex<SystemTime>>,
}

impl Scenario {
    pub(crate) async fn start() -> Self {
        Self::with(MockServer::builder()).await
    }

    pub(crate) async fn with(builder: MockServerBuilder) -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_710_490_530);
        let time = Arc::new(Mutex::new(start));
        let now = || {
            let time = Arc::clone(&time);
            move || *time.lock().unwrap()
        };
        let server = builder.clock(Clock::custom(now())).start().await.unwrap();
        let client = Client::builder()
            .endpoint(server.url())
            .credentials(server.credentials().clone())
            .project_id(server.project_id())
            .clock(now())
            .build()
            .unwrap();
        Self { server, client, time }
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, seconds: u64) {
        *self.time.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// A call that must succeed; gives the answer, which the caller looks at.
    pub(crate) async fn ok<O: Operation>(&self, operation: O) -> O::Output {
        match self.client.send(operation).await {
            Ok(reply) => {
                assert!(O::META.success.contains(&reply.status()), "{}", reply.status());
                assert_eq!(reply.request_id().map(str::len), Some(32));
                coverage::asserted(O::META.id.as_str(), reply.status().as_u16(), "");
                reply.into_output()
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A call that must be refused with the status, the code and a part of the text.
    pub(crate) async fn refused<O: Operation>(
        &self,
        operation: O,
        status: u16,
        code: &str,
        text: &str,
    ) {
        let Err(error) = self.client.send(operation).await else {
            panic!("{} succeeded", O::META.id);
        };
        let service = error.service_error().unwrap_or_else(|| panic!("{error}"));
        assert_eq!(service.status().as_u16(), status, "{error}");
        assert_eq!(service.code().as_str(), code, "{error}");
        assert!(service.message().contains(text), "{error}");
        assert_eq!(error.request_id().map(str::len), Some(32));
        coverage::asserted(O::META.id.as_str(), status, code);
    }

    /// A new app.
    pub(crate) async fn app(&self, name: &str) -> AppId {
        self.ok(CreateApp::new(AppReq::new(name))).await.app_id
    }

    /// A new record rule of the app.
    pub(crate) async fn rule(&self, app: &AppId) -> RuleId {
        let created = self.ok(CreateRecordRule::new(app, rule())).await;
        created.into_inner().rule_id.unwrap()
    }
}

/// A record rule that nothing is wrong with.
pub(crate) fn rule() -> RecordRuleReq {
    let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
    RecordRuleReq::new(place)
        .record_formats([RecordFormat::Hls])
        .hls_config(HlsRecordConfig::new(3600))
}

/// A rule as a job names it.
pub(crate) fn param(rule: &RuleId) -> RecordParam {
    RecordParam::new(rule)
}
