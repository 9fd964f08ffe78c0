package faregate.store;

import faregate.kit.Secret;
import org.jspecify.annotations.Nullable;

/// Where a shared database is, and how a node behaves on it.
///
/// @param url as [PostgresUrl#jdbc]
/// @param user null for the driver's default, the user of this process
/// @param password null where the server asks for none
/// @param connectionsMax for reads and for the control plane's writes, in all
public record PostgresSettings(
    String url,
    @Nullable String user,
    @Nullable Secret password,
    int connectionsMax,
    NodeSettings nodes) {
  private static final int CONNECTIONS = 8;

  /// What a URL says, with defaults for the rest.
  public static PostgresSettings of(PostgresUrl url) {
    return new PostgresSettings(
        url.jdbc(),
        url.user().orElse(null),
        url.password().orElse(null),
        CONNECTIONS,
        NodeSettings.DEFAULT);
  }

  /// With what was said beside the URL; what was not is the URL's.
  public PostgresSettings with(@Nullable String otherUser, @Nullable Secret otherPassword) {
    return new PostgresSettings(
        url,
        otherUser == null ? user : otherUser,
        otherPassword == null ? password : otherPassword,
        connectionsMax,
        nodes);
  }

  public PostgresSettings withConnectionsMax(int most) {
    return new PostgresSettings(url, user, password, most, nodes);
  }

  public PostgresSettings withNodes(NodeSettings times) {
    return new PostgresSettings(url, user, password, connectionsMax, times);
  }
}
