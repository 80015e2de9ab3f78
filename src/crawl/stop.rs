//! The wish that a crawl ends: given once, seen by everybody who works on it.

use tokio::sync::watch;

/// Gives the wish. Dropping it without a word means that the wish never comes.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Sees the wish.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The two ends of one wish.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
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

    /// Whether the wish was given.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when the wish is given.
    pub async fn wanted(&self) {
        if self.0.clone().wait_for(|wanted| *wanted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
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
}
