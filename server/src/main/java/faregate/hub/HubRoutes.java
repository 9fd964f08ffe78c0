package faregate.hub;

import faregate.http.Routes;

/// The routes of the Hub's face. All of them may wait, so all run on virtual threads.
public final class HubRoutes {
  private final WhoAmI whoAmI;
  private final Billing billing;
  private final Calls calls;

  public HubRoutes(HubRooms rooms) {
    Gate gate = new Gate(rooms.identities());
    whoAmI = new WhoAmI(gate, rooms);
    billing = new Billing(gate, rooms);
    calls = new Calls(gate, rooms);
  }

  public void addTo(Routes routes) {
    routes
        .getBlocking("/api/whoami-v2", (visit, _) -> whoAmI.answer(visit))
        .getBlocking("/avatars/{file}", (visit, _) -> Avatar.answer(visit))
        .getBlocking("/api/settings/billing/usage-v2", (visit, _) -> billing.usage(visit))
        .getBlocking(
            "/api/settings/billing/usage-by-inference-session",
            (visit, _) -> billing.sessions(visit))
        .getBlocking("/api/settings/billing/credits", (visit, _) -> billing.credits(visit))
        .getBlocking("/api/settings/billing/calls", (visit, _) -> calls.newest(visit))
        .getBlocking("/api/settings/billing/calls/{call}", (visit, _) -> calls.one(visit));
  }
}
