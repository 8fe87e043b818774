//! Whether a failed attempt is made again, unchanged, and how long to wait before: pure.
//!
//! Politeness first: nothing is repeated that somebody may have read, that may have cost money,
//! that the service has repeated itself, or that will fail the same way again.

use std::time::Duration;

use crate::domain::fault::{Billing, Fault, FaultClass};

/// The longest a `Retry-After` may be for us to wait in silence. Longer is the user's choice.
const LONGEST_WAIT: Duration = Duration::from_millis(2500);
const FIRST_STEP: Duration = Duration::from_millis(400);
const LONGEST_STEP: Duration = Duration::from_secs(8);

/// A failed attempt and its circumstances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure<'a> {
    pub(super) fault: &'a Fault,
    /// Attempts of this turn that failed, this one included.
    pub(super) failures: u32,
    /// Text or reasoning had already come: another attempt would mix two answers.
    pub(super) content: bool,
    /// The service may try other providers by itself.
    pub(super) falls_back: bool,
    /// Any number: spreads the retries of many.
    pub(super) dice: u64,
}

/// How long to wait before the same request goes out again; `None`: it does not.
pub(super) fn wait(failure: Failure<'_>) -> Option<Duration> {
    let fault = failure.fault;
    if failure.content || is_costly(fault) || failure.failures > most_repeats(fault) {
        return None;
    }
    let step = back_off(failure.failures, failure.dice);
    if let Some(ms) = fault.retry_after_ms {
        let asked = Duration::from_millis(ms);
        return (asked <= LONGEST_WAIT).then(|| asked.max(step));
    }
    // The service went through its providers already: one more round, not two.
    if fault.provider.is_some() && failure.falls_back && failure.failures > 1 {
        return None;
    }
    match (fault.class, failure.failures) {
        // A new connection costs nobody anything.
        (FaultClass::Network, 1) => Some(Duration::ZERO),
        _ => Some(step),
    }
}

/// Paying twice is the user's decision. A connection that broke before the answer began has
/// hardly ever cost anything.
fn is_costly(fault: &Fault) -> bool {
    fault.billing == Billing::MayBeBilled && fault.class != FaultClass::Network
}

/// How often a request may be repeated after such a failure.
fn most_repeats(fault: &Fault) -> u32 {
    match fault.class {
        FaultClass::RateLimit
        | FaultClass::Overloaded
        | FaultClass::ServerError
        | FaultClass::Network => 2,
        // A refusal we cannot read is still a refusal.
        FaultClass::BadUpstream if fault.status.is_some_and(|s| (400..500).contains(&s)) => 0,
        FaultClass::BadUpstream => 1,
        // Whoever was silent for a minute is not asked to be silent for another one, and an answer
        // that was cut off is an answer that was begun.
        FaultClass::Silent
        | FaultClass::CutOff
        | FaultClass::Request
        | FaultClass::Capability
        | FaultClass::ContextLength
        | FaultClass::ContentPolicy
        | FaultClass::KeyAuth
        | FaultClass::KeyBilling
        | FaultClass::ModelGone
        | FaultClass::LocalLimit => 0,
    }
}

/// Equal jitter: half of the step for certain, half by chance.
fn back_off(failures: u32, dice: u64) -> Duration {
    let doubled = FIRST_STEP.saturating_mul(1 << failures.saturating_sub(1).min(8));
    let half = doubled.min(LONGEST_STEP) / 2;
    let millis = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(dice % (millis + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_after(class: FaultClass, change: impl Fn(&mut Fault, &mut Failure<'_>)) -> Option<u64> {
        let mut fault = Fault::new(class, "it failed");
        let blank = Fault::new(class, "");
        let mut seen =
            Failure { fault: &blank, failures: 1, content: false, falls_back: true, dice: 0 };
        change(&mut fault, &mut seen);
        wait(Failure { fault: &fault, ..seen }).map(|d| d.as_millis().try_into().unwrap())
    }

    #[test]
    fn only_what_may_pass_is_repeated_and_at_most_twice() {
        use FaultClass as C;
        for (class, repeats) in [
            (C::RateLimit, 2),
            (C::Overloaded, 2),
            (C::ServerError, 2),
            (C::Network, 2),
            (C::BadUpstream, 1),
            (C::CutOff, 0),
            (C::Silent, 0),
            (C::Request, 0),
            (C::Capability, 0),
            (C::ContextLength, 0),
            (C::ContentPolicy, 0),
            (C::KeyAuth, 0),
            (C::KeyBilling, 0),
            (C::ModelGone, 0),
            (C::LocalLimit, 0),
        ] {
            let done = (1..=5).take_while(|n| wait_after(class, |_, f| f.failures = *n).is_some());
            assert_eq!(done.count(), repeats, "{class:?}");
            assert!(repeats == 0 || class.may_pass(), "{class:?}");
        }
    }

    #[test]
    fn nothing_is_repeated_once_there_was_content() {
        assert_eq!(wait_after(FaultClass::ServerError, |_, f| f.content = true), None);
    }

    #[test]
    fn nothing_is_paid_twice_without_asking() {
        let costly =
            |class| wait_after(class, |fault, _| fault.billing = Billing::MayBeBilled).is_some();
        assert!(!costly(FaultClass::ServerError));
        assert!(!costly(FaultClass::BadUpstream));
        assert!(costly(FaultClass::Network), "it broke before the answer began");
    }

    #[test]
    fn a_refusal_that_cannot_be_read_is_not_repeated() {
        let status = |status| wait_after(FaultClass::BadUpstream, |f, _| f.status = Some(status));
        assert!(status(200).is_some());
        assert_eq!(status(404), None);
    }

    #[test]
    fn a_short_retry_after_is_obeyed_and_a_long_one_is_for_the_user() {
        let asked = |ms| wait_after(FaultClass::RateLimit, |f, _| f.retry_after_ms = Some(ms));
        assert_eq!(asked(1000), Some(1000));
        assert_eq!(asked(2500), Some(2500));
        assert_eq!(asked(2501), None);
        // Zero means "now"; we are more patient than that.
        assert_eq!(asked(0), Some(200));
    }

    #[test]
    fn a_providers_fault_is_repeated_once_where_the_service_went_through_its_providers() {
        let by_provider = |failures, falls_back| {
            let wait = wait_after(FaultClass::Overloaded, |fault, seen| {
                fault.provider = Some("Acme".into());
                (seen.failures, seen.falls_back) = (failures, falls_back);
            });
            wait.is_some()
        };
        assert!(by_provider(1, true));
        assert!(!by_provider(2, true));
        assert!(by_provider(2, false));
    }

    #[test]
    fn the_wait_doubles_and_chance_adds_at_most_half() {
        let after = |failures, dice| {
            wait_after(FaultClass::ServerError, |_, f| (f.failures, f.dice) = (failures, dice))
        };
        assert_eq!((after(1, 0), after(1, 200)), (Some(200), Some(400)));
        assert_eq!((after(2, 0), after(2, 400)), (Some(400), Some(800)));
        let all = (0..1000).map(|dice| after(1, dice).unwrap());
        assert!(all.into_iter().all(|ms| (200..=400).contains(&ms)));
    }

    #[test]
    fn a_broken_connection_is_made_again_at_once_then_politely() {
        let after = |failures| wait_after(FaultClass::Network, |_, f| f.failures = failures);
        assert_eq!((after(1), after(2), after(3)), (Some(0), Some(400), None));
    }
}
