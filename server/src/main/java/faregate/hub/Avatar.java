package faregate.hub;

import faregate.http.Answer;
import faregate.http.Visit;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/// A picture for everybody: a disc in a colour of one's own. The same name always gives the same
/// one, and tells nobody whether there is such a user.
final class Avatar {
  private static final int HUES = 360;

  private Avatar() {}

  static Answer answer(Visit visit) {
    int hue = Math.floorMod(visit.parameter("file").hashCode(), HUES);
    String svg =
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\
        <circle cx="16" cy="16" r="16" fill="hsl(%d 55%% 50%%)"/></svg>
        """
            .formatted(hue);
    return new Answer(
        200, "image/svg+xml", Buffer.buffer(svg), Map.of("cache-control", "public, max-age=86400"));
  }
}
