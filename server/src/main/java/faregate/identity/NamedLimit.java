package faregate.identity;

/// A spending limit as people are shown it.
///
/// @param subject name of the member or resource group, id of the token; empty for the others
public record NamedLimit(Limit limit, String subject) {}
