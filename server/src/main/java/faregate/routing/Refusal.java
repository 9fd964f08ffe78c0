package faregate.routing;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Why a request goes nowhere. Each knows the status and the words of its answer; the model is
/// always the client's own text, suffix and all.
public sealed interface Refusal extends Routed {

  /// The HTTP status.
  int status();

  /// The `code` of an OpenAI error object.
  default String code() {
    return "model_not_supported";
  }

  /// What happened and what to do about it, fit for the client's eyes.
  String message();

  /// No provider offers it.
  ///
  /// @param similar models that differ only in case, or share the name
  record UnknownModel(String model, List<String> similar) implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String message() {
      String hint =
          similar.isEmpty()
              ? " GET /v1/models lists the models there are."
              : " Did you mean " + quoted(similar) + "?";
      return unsupported(model) + hint;
    }
  }

  /// The model exists, but what follows its colon is neither a policy nor a provider.
  ///
  /// @param providers those that offer the model
  record UnknownSuffix(String model, String suffix, List<String> providers) implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String message() {
      return unsupported(model)
          + " The suffix ':"
          + suffix
          + "' is not known: use :fastest, :cheapest, :preferred or a provider of this model ("
          + listed(providers, ":")
          + ").";
    }
  }

  /// The provider that the client named does not offer the model.
  ///
  /// @param providers those that do
  record NotAtProvider(String model, String provider, List<String> providers) implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String message() {
      return unsupported(model)
          + " "
          + provider
          + " does not offer this model; it is offered by "
          + listed(providers, "")
          + ".";
    }
  }

  /// Providers offer it, but none of them is switched on here.
  ///
  /// @param wanting who would serve it, and what they lack, such as `groq (set GROQ_API_KEY)`
  /// @param needing the abilities that narrowed the choice, often none
  record NoLiveOffer(String model, List<String> wanting, List<String> needing) implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String message() {
      return wanting.isEmpty()
          ? unsupported(model)
              + " Its providers"
              + with()
              + " have withdrawn it or are switched off."
          : unsupported(model)
              + " It would be served"
              + with()
              + " by "
              + listed(wanting, "")
              + ".";
    }

    private String with() {
      return needing.isEmpty() ? "" : " with " + String.join(" and ", needing);
    }
  }

  /// Nobody who offers it can do what the request needs.
  ///
  /// @param provider the one that the client named, empty where it named none
  /// @param lacking the abilities in question
  /// @param elsewhere who could, a few: live models, or providers of this one
  record NotAble(String model, String provider, List<String> lacking, List<String> elsewhere)
      implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String message() {
      String hint = elsewhere.isEmpty() ? "" : " These do: " + quoted(elsewhere) + ".";
      return unsupported(model)
          + " The request needs "
          + String.join(" and ", lacking)
          + (provider.isEmpty()
              ? ", which no provider of this model offers."
              : ", which " + provider + " does not offer for this model.")
          + hint;
    }
  }

  /// Its price is not known, so a call would be given away.
  record Unpriced(String model, List<String> providers) implements Refusal {
    @Override
    public int status() {
      return 400;
    }

    @Override
    public String code() {
      return "model_unpriced";
    }

    @Override
    public String message() {
      return "The requested model '"
          + model
          + "' has no known price at "
          + listed(providers, "")
          + ", so it cannot be called. The operator can give its price, or mark it free, in the"
          + " configuration.";
    }
  }

  /// Every provider that could serve it has asked for a pause.
  ///
  /// @param rest until the first of them takes calls again
  record Cooling(String model, List<String> providers, Duration rest) implements Refusal {
    @Override
    public int status() {
      return 429;
    }

    @Override
    public String code() {
      return "rate_limit_exceeded";
    }

    /// For the `Retry-After` header: whole seconds, at least 1.
    public long retryAfterSeconds() {
      return Math.max(rest.plusMillis(999).toSeconds(), 1);
    }

    @Override
    public String message() {
      return "The requested model '"
          + model
          + "' cannot be served for a moment: "
          + listed(providers, "")
          + " asked for a pause. Try again in "
          + retryAfterSeconds()
          + " s.";
    }
  }

  private static String unsupported(String model) {
    return "The requested model '" + model + "' is not supported by any provider you have enabled.";
  }

  private static String quoted(Collection<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }

  private static String listed(Collection<String> names, String before) {
    return names.stream().map(name -> before + name).collect(Collectors.joining(", "));
  }
}
