-- Whose row in the lists is to be worked out, the program notes itself: a trigger for every quote and mention
-- that is written takes longer than writing it.
DROP TRIGGER mention_made;
DROP TRIGGER mention_gone;
DROP TRIGGER mention_changed;
DROP TRIGGER speaker_changed;
DROP TRIGGER unnamed_made;
DROP TRIGGER unnamed_changed;
