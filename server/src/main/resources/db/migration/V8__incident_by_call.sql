-- Losses and exposures are asked for by the time of their calls, which is in the calls' ids.
CREATE INDEX incident_by_call ON incident (bucket, call);
