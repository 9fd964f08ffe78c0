package faregate.sandbox;

import java.util.List;

/// What one sandbox is.
///
/// @param port 0 picks a free one
/// @param loops how many event loops serve
/// @param models the first one also plays unknown models, where those are taken
/// @param anyModel whether a model it does not know is played rather than refused
/// @param billOnCancel whether it charges the whole answer although the client left
/// @param faults what goes wrong when a request does not say otherwise
public record SandboxSettings(
    int port,
    int loops,
    List<SandboxModel> models,
    boolean anyModel,
    boolean billOnCancel,
    Faults faults) {

  public SandboxSettings {
    models = List.copyOf(models);
  }

  /// The built-in provider: its own models only, on a free port.
  public static SandboxSettings standard() {
    return new SandboxSettings(
        0,
        Runtime.getRuntime().availableProcessors(),
        SandboxModel.standard(),
        false,
        false,
        Faults.NONE);
  }

  /// A stand-in for any provider: it plays whatever model is asked for.
  public static SandboxSettings standIn() {
    return new SandboxSettings(0, 1, SandboxModel.standard(), true, false, Faults.NONE);
  }

  public SandboxSettings withPort(int other) {
    return new SandboxSettings(other, loops, models, anyModel, billOnCancel, faults);
  }

  public SandboxSettings withModels(List<SandboxModel> others) {
    return new SandboxSettings(port, loops, others, anyModel, billOnCancel, faults);
  }

  public SandboxSettings withBillOnCancel(boolean bills) {
    return new SandboxSettings(port, loops, models, anyModel, bills, faults);
  }

  public SandboxSettings withFaults(Faults others) {
    return new SandboxSettings(port, loops, models, anyModel, billOnCancel, others);
  }
}
