package faregate.hub;

import faregate.http.Routes;
import faregate.http.Visit;
import faregate.identity.Payer;
import java.util.function.Function;

/// The routes of the Hub's face. All of them may wait, so all begin on virtual threads.
public final class HubRoutes {
  private final WhoAmI whoAmI;
  private final Gate gate;
  private final Billing billing;
  private final Live live;
  private final Calls calls;
  private final Keys keys;
  private final Spending spending;
  private final Groups groups;

  public HubRoutes(HubRooms rooms) {
    Gate gate = new Gate(rooms.identities());
    whoAmI = new WhoAmI(gate, rooms);
    billing = new Billing(rooms);
    live = new Live(billing, rooms.ledger());
    this.gate = gate;
    calls = new Calls(gate, rooms);
    keys = new Keys(rooms);
    spending = new Spending(rooms);
    groups = new Groups(rooms);
  }

  /// Nobody gets a key back: they are shown by provider only.
  private void addKeys(Routes routes, String path, Function<Visit, Payer> owner) {
    routes
        .getBlocking(path, (visit, _) -> keys.list(owner.apply(visit)))
        .putBlocking(
            path + "/{provider}", (visit, body) -> keys.set(visit, owner.apply(visit), body))
        .deleteBlocking(path + "/{provider}", (visit, _) -> keys.delete(visit, owner.apply(visit)));
  }

  /// The month as it goes by. Who listens is asked again and again whether they still may.
  private void addLive(Routes routes) {
    routes
        .getStreaming(
            "/api/settings/billing/usage/live", visit -> live.open(() -> gate.payer(visit).payer()))
        .getStreaming(
            "/api/users/{user}/billing/usage/live",
            visit -> live.open(() -> gate.user(visit, visit.parameter("user"))))
        .getStreaming(
            "/api/organizations/{org}/billing/usage/live",
            visit -> live.open(() -> gate.organization(visit, visit.parameter("org"))));
  }

  /// What members and resource groups of an organization spent of its credit.
  private void addSpending(Routes routes) {
    String prefix = "/api/organizations/{org}/billing/";
    routes
        .patchBlocking(
            "/api/organizations/{org}/resource-groups/{id}",
            (visit, body) ->
                groups.patch(visit, gate.settingsOf(visit, visit.parameter("org")), body))
        .getBlocking(
            prefix + "usage",
            (visit, _) ->
                billing.byProduct(visit, gate.organization(visit, visit.parameter("org"))))
        .getBlocking(prefix + "calls", (visit, _) -> calls.newestOf(visit))
        .getBlocking(prefix + "calls/{call}", (visit, _) -> calls.oneOf(visit))
        .getBlocking(
            prefix + "usage-by-resource-group",
            (visit, _) -> spending.byGroup(visit, gate.organization(visit, visit.parameter("org"))))
        .getBlocking(
            prefix + "usage-by-member",
            (visit, _) ->
                spending.byMember(visit, gate.organization(visit, visit.parameter("org"))));
  }

  public void addTo(Routes routes) {
    routes
        .getBlocking("/api/whoami-v2", (visit, _) -> whoAmI.answer(visit))
        .getBlocking("/avatars/{file}", (visit, _) -> Avatar.answer(visit))
        .getBlocking(
            "/api/settings/billing/usage-v2",
            (visit, _) -> billing.usage(visit, gate.payer(visit).payer()))
        .getBlocking(
            "/api/settings/billing/usage-by-inference-session",
            (visit, _) -> billing.sessions(visit, gate.payer(visit).payer()))
        .getBlocking(
            "/api/settings/billing/credits",
            (visit, _) -> billing.credits(visit, gate.payer(visit).payer()))
        .getBlocking(
            "/api/organizations/{org}/billing/usage-v2",
            (visit, path) -> billing.usage(visit, gate.organization(visit, visit.parameter("org"))))
        .getBlocking(
            "/api/organizations/{org}/billing/usage-by-inference-session",
            (visit, path) ->
                billing.sessions(visit, gate.organization(visit, visit.parameter("org"))))
        .getBlocking(
            "/api/organizations/{org}/billing/credits",
            (visit, path) ->
                billing.credits(visit, gate.organization(visit, visit.parameter("org"))))
        .getBlocking(
            "/api/settings/billing/usage",
            (visit, _) -> billing.byProduct(visit, gate.payer(visit).payer()))
        .getBlocking("/api/settings/billing/calls", (visit, _) -> calls.newest(visit))
        .getBlocking("/api/settings/billing/calls/{call}", (visit, _) -> calls.one(visit));
    addSpending(routes);
    addLive(routes);
    addKeys(routes, "/api/settings/inference-providers/keys", gate::settings);
    addKeys(
        routes,
        "/api/organizations/{org}/settings/inference-providers/keys",
        visit -> gate.settingsOf(visit, visit.parameter("org")));
  }
}
