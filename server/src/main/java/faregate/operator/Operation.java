package faregate.operator;

/// One thing that an operator can ask for. Blocks; not for event loops.
public interface Operation {
  /// @return a record, a list or a map that [Wire] can write
  /// @throws Refusal when it cannot be done; nothing has changed then
  Object run(Arguments arguments);
}
