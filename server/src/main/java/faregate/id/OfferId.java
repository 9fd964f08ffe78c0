package faregate.id;

/// One model at one provider, named as the provider names it.
///
/// @param provider the provider's slug, such as `groq`
/// @param providerModel the provider's own id of the model
public record OfferId(String provider, String providerModel) {

  @Override
  public String toString() {
    return provider + ":" + providerModel;
  }
}
