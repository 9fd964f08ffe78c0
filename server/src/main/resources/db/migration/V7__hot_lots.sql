-- PostgreSQL writes a changed row anew, beside the old one where its page has room: then no index is
-- touched. Lots are changed over and over. (A line that begins with ${postgres} is for that database
-- only.)
${postgres} ALTER TABLE lot SET (fillfactor = 50);
