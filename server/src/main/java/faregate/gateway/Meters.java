package faregate.gateway;

import faregate.id.OfferId;
import faregate.money.Nanos;
import faregate.tariff.Quantities;

/// What is told to whoever measures. Called on event loops, once per event, never per chunk.
public interface Meters {
  /// A request was answered, refused or left.
  ///
  /// @param surface such as `chat`
  /// @param status the HTTP status; 499 when the client left before there was one
  void answered(String surface, int status, long micros);

  /// A call was ended with a charge.
  void charged(String model, OfferId offer, Quantities quantities, Nanos charge, boolean estimated);

  /// An attempt brought an answer.
  void served(OfferId offer, long firstByteMillis);

  /// An attempt failed.
  ///
  /// @param kind a short code from a small set
  void failed(OfferId offer, String kind);

  void streamOpened();

  void streamClosed();

  /// For when nobody measures.
  Meters NONE =
      new Meters() {
        @Override
        public void answered(String surface, int status, long micros) {}

        @Override
        public void charged(
            String model, OfferId offer, Quantities quantities, Nanos charge, boolean estimated) {}

        @Override
        public void served(OfferId offer, long firstByteMillis) {}

        @Override
        public void failed(OfferId offer, String kind) {}

        @Override
        public void streamOpened() {}

        @Override
        public void streamClosed() {}
      };
}
