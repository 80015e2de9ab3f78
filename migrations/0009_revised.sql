-- Quotes that a later version added count as revised, but for those that live blogs grew by.
UPDATE quotes SET revised = 1 WHERE id IN (
    SELECT after_quote FROM revisions
    JOIN versions ON versions.article = revisions.article
        AND versions.version = revisions.version
    WHERE kind = 'added' AND NOT live
);
