package faregate.ledger;

/// Where a writer stands: whose rows it may change, and among whom.
///
/// @param node the number that its holds are under
/// @param shared whether others write to the same database
record Place(Surroundings around, Share share, int node, boolean shared) {}
