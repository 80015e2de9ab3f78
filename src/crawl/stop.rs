//! The wish that a crawl ends: given once, seen by everybody who works on it.

use std::time::Instant;

use tokio::sync::watch;

/// Gives the wish. Dropping it without a word means that the wish never comes.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Sees the wish.
#[derive(Debug, Clone)]
pub struct Stop {
    given: watch::Receiver<bool>,
    /// When it comes by itself.
    at: Option<Instant>,
}

/// The two ends of one wish.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop { given: receiver, at: None })
}

impl Stopper {
    /// Asks everybody to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A wish that never comes.
    #[must_use]
    pub fn never() -> Self {
        pair().1
    }

    /// The same wish, which comes by itself at `at` at the latest.
    #[must_use]
    pub fn by(self, at: Option<Instant>) -> Self {
        Self { at: at.into_iter().chain(self.at).min(), ..self }
    }

    /// Whether the wish was given, or its time has come.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        *self.given.borrow() || self.at.is_some_and(|at| Instant::now() >= at)
    }

    /// Ends when the wish is given, or its time has come.
    pub async fn wanted(&self) {
        let mut given = self.given.clone();
        let given = async {
            if given.wait_for(|wanted| *wanted).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match self.at {
            None => given.await,
            Some(at) => tokio::select! {
                () = given => {}
                () = tokio::time::sleep_until(at.into()) => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_wish_reaches_everybody_also_those_who_come_later() {
        let (stopper, stop) = pair();
        let waiting = stop.clone();
        assert!(!stop.is_wanted() && waiting.wanted().now_or_never().is_none());
        stopper.stop();
        drop(stopper);
        assert!(stop.is_wanted() && waiting.wanted().now_or_never().is_some());
        assert!(stop.clone().wanted().now_or_never().is_some());
    }

    #[test]
    fn a_wish_that_nobody_can_give_never_comes() {
        let stop = Stop::never();
        assert!(!stop.is_wanted() && stop.wanted().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_wish_with_a_time_comes_then_or_before() {
        let now = Instant::now();
        let past = Stop::never().by(Some(now)).by(None);
        assert!(past.is_wanted());
        past.wanted().await;
        let (stopper, stop) = pair();
        let late = stop.by(now.checked_add(Duration::from_secs(3600)));
        assert!(!late.is_wanted() && late.wanted().now_or_never().is_none());
        stopper.stop();
        assert!(late.is_wanted());
        late.wanted().await;
    }
}
