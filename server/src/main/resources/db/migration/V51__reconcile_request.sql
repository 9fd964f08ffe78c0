-- A bill is one call's. Two calls that tell the same id of their provider are found by it.
CREATE INDEX reconcile_call_by_request ON reconcile_call (provider, request);
