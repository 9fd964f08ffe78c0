package faregate.routing;

import faregate.catalog.Snapshot;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A model as clients write it: `{org}/{name}[:{suffix}]`.
///
/// The name is split at its last colon, but only if the whole is not a model itself: ids such as
/// `ollama/llama3.2:3b` contain one.
///
/// @param model without its suffix
/// @param suffix lower case, null where there is none
public record ModelName(String model, @Nullable String suffix) {

  public static ModelName parse(String text, Snapshot snapshot) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !snapshot.offers(text).isEmpty()) {
      return new ModelName(text, null);
    }
    return new ModelName(
        text.substring(0, colon), text.substring(colon + 1).toLowerCase(Locale.ROOT));
  }
}
