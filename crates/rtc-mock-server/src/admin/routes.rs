//! What the admin API has: one table for the router and for the document.

use http::Method;
use percent_encoding::percent_decode_str;

/// An endpoint of the admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Page,
    Asset,
    Health,
    Info,
    ApiDocument,
    AdminDocument,
    Metrics,
    ShowCa,
    ShowState,
    SetState,
    Reset,
    ListRequests,
    ClearRequests,
    CountRequests,
    VerifyRequests,
    WaitForRequests,
    ShowRequest,
    ExplainSignature,
    WatchEvents,
    ShowClock,
    SetClock,
    AdvanceClock,
    ListFaults,
    ReplaceFaults,
    AddFault,
    ClearFaults,
    ShowFault,
    SetFault,
    RemoveFault,
    JoinRoom,
    LeaveRoom,
    Subscribe,
    FailJob,
    ListDeliveries,
    ClearDeliveries,
    ShowDelivery,
    Redeliver,
    PauseDeliveries,
    ResumeDeliveries,
    FlushDeliveries,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    /// The path; a segment in braces takes any text.
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
}

macro_rules! routes {
    ($($method:ident $path:literal $endpoint:ident $summary:literal;)*) => {
        /// Every endpoint. Of several that match a path the first counts.
        pub(crate) const ROUTES: &[Route] = &[$(Route {
            endpoint: Endpoint::$endpoint,
            method: Method::$method,
            path: $path,
            summary: $summary,
        }),*];
    };
}

routes! {
    GET "/" Page "The inspector; needs no token";
    GET "/assets/{file}" Asset "A file of the inspector; needs no token";
    GET "/health" Health "Says that the mock is well, or with 503 why not; needs no token";
    GET "/info" Info "Facts about the mock";
    GET "/openapi.json" ApiDocument "The OpenAPI document of the API";
    GET "/openapi-admin.json" AdminDocument "The OpenAPI document of the admin API";
    GET "/metrics" Metrics "Counts of requests, refusals, faults, durations, connections and more, as OpenMetrics text";
    GET "/ca.pem" ShowCa "The certificate that signed the mock's own, with --tls-self-signed";
    GET "/state" ShowState "What the mock holds, in the form of a fixture; it has secrets in it";
    PUT "/state" SetState "Puts what a fixture describes in the place of all that the mock holds";
    POST "/reset" Reset "Begins anew: the fixture again, an empty journal, the clock and the faults of the start";
    GET "/requests" ListRequests "The exchanges in the journal, oldest first; the parameters choose among them";
    DELETE "/requests" ClearRequests "Empties the journal";
    POST "/requests/count" CountRequests "Counts exchanges";
    POST "/requests/verify" VerifyRequests "Says whether what was expected has come: 200, or 409 with what came instead";
    POST "/requests/wait" WaitForRequests "Waits until what is expected has come: 200 with it, or 409 when the time is up";
    GET "/requests/{id}" ShowRequest "One exchange, with whole bodies";
    POST "/explain" ExplainSignature "Explains a signature: of an exchange in the journal, or of a request that is given";
    GET "/events" WatchEvents "What happens from now on, as server-sent events: exchange (its data is the exchange, its id the number), cleared, clock (its data is the clock), faults, delivery (with its id), reset, and missed (with a count) when the reader is too slow";
    GET "/clock" ShowClock "How the clock is set, and what it shows";
    PUT "/clock" SetClock "Sets the clock";
    POST "/clock/advance" AdvanceClock "Sets the clock forward; what falls due on the way has happened when the answer comes";
    GET "/faults" ListFaults "The faults with what they did, in the order in which they are tried";
    PUT "/faults" ReplaceFaults "Puts faults in the place of all";
    POST "/faults" AddFault "Adds a fault after the others, with an id of the mock's";
    DELETE "/faults" ClearFaults "Removes all faults";
    GET "/faults/{id}" ShowFault "One fault with what it did";
    PUT "/faults/{id}" SetFault "Puts a fault in the place of the one with the id, or after the others";
    DELETE "/faults/{id}" RemoveFault "Removes a fault";
    PUT "/apps/{app_id}/rooms/{room_id}/users/{user_id}" JoinRoom "A user joins a room";
    DELETE "/apps/{app_id}/rooms/{room_id}/users/{user_id}" LeaveRoom "A user leaves a room";
    PUT "/apps/{app_id}/record-callback/subscription" Subscribe "Chooses the events that a record callback is told of";
    POST "/jobs/{job_id}/fail" FailJob "Ends a job as a fault of the service would";
    GET "/deliveries" ListDeliveries "The notifications that wait, and the last ones that are over, oldest first; app_id, job_id and state choose among them";
    DELETE "/deliveries" ClearDeliveries "Forgets the notifications that are over";
    POST "/deliveries/pause" PauseDeliveries "Stops sending notifications; they wait";
    POST "/deliveries/resume" ResumeDeliveries "Goes on sending notifications";
    POST "/deliveries/flush" FlushDeliveries "Makes all attempts now that wait for their time; the answer comes when they are made";
    GET "/deliveries/{id}" ShowDelivery "One notification with its attempts";
    POST "/deliveries/{id}/redeliver" Redeliver "Makes one more attempt now, also of a notification that is over";
}

impl Endpoint {
    /// Whether it changes what a data directory keeps.
    pub(crate) const fn changes_state(self) -> bool {
        matches!(
            self,
            Self::SetState
                | Self::Reset
                | Self::SetClock
                | Self::AdvanceClock
                | Self::JoinRoom
                | Self::LeaveRoom
                | Self::Subscribe
                | Self::FailJob
                | Self::ClearDeliveries
                | Self::Redeliver
        )
    }
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// To an endpoint, with the segments in braces.
    Endpoint(Endpoint, Vec<String>),
    /// The path is there with other methods.
    OtherMethods(Vec<&'static str>),
    /// Nowhere.
    Nothing,
}

/// Finds the endpoint. HEAD is read as GET; hyper leaves the body out.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(values) = matched(route.path, path) else { continue };
        if route.method == *method {
            return Found::Endpoint(route.endpoint, values);
        }
        others.push(route.method.as_str());
    }
    if others.is_empty() { Found::Nothing } else { Found::OtherMethods(others) }
}

fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for part in template.split('/') {
        let segment = segments.next()?;
        if part.starts_with('{') {
            let value = percent_decode_str(segment).decode_utf8().ok()?;
            values.push(value.into_owned());
        } else if part != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_by_its_own_row() {
        for route in ROUTES {
            let path = route.path.replace('{', "a").replace('}', "%20");
            let Found::Endpoint(found, values) = find(&route.method, &path) else {
                panic!("{} {} is not found", route.method, route.path);
            };
            assert_eq!(found, route.endpoint);
            assert!(values.iter().all(|value| value.ends_with(' ')), "{values:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_has_other_methods() {
        assert_eq!(find(&Method::PATCH, "/clock"), Found::OtherMethods(vec!["GET", "PUT"]));
        for path in ["//", "/clock/", "/clocks", "", "/requests/1/2"] {
            assert_eq!(find(&Method::GET, path), Found::Nothing, "{path}");
        }
        let head = find(&Method::HEAD, "/health");
        assert_eq!(head, Found::Endpoint(Endpoint::Health, vec![]));
    }
}
