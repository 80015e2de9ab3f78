//! stub
use crate::domain::topic::{Topic, TopicDecision};
/// stub
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct TopicError;
/// stub
#[derive(Debug)]
pub struct TopicMatcher(String);
impl TopicMatcher {
    /// stub
    pub fn new(topic: &Topic) -> Result<Self, TopicError> {
        Ok(Self(topic.id.clone()))
    }
    /// stub
    pub fn decide(&self, _t: Option<&str>, _s: Option<&str>, _b: &str) -> TopicDecision {
        TopicDecision { topic: self.0.clone(), matched: true, reason: String::new() }
    }
}
