package faregate.hub;

import faregate.http.Answer;
import faregate.http.Visit;
import faregate.identity.MonthlyGrant;
import faregate.identity.Payer;
import faregate.money.Nanos;
import faregate.usage.Report;
import faregate.usage.Spender;
import faregate.usage.SpenderUse;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// In whose name an organization's credit was spent, month by month.
final class Spending {
  private static final String NONE = "";

  private final HubRooms rooms;

  Spending(HubRooms rooms) {
    this.rooms = rooms;
  }

  /// @param id as the Hub writes ids; empty for the calls that name none
  private record Share(String id, String name, long requestCount, BigDecimal costCents) {}

  private record GroupsAnswer(String currency, List<GroupsMonth> periods) {}

  private record GroupsMonth(String period, List<Share> resourceGroups) {}

  /// `usage-by-resource-group`, shaped like the usage by session. Calls outside any group stand
  /// under the empty id, so that the sum is the whole.
  Answer byGroup(Visit visit, Payer payer) {
    Names names = new Names(rooms.identities().organizations());
    return HubJson.answer(
        new GroupsAnswer(
            "USD",
            months(visit, payer, Spender::group).entrySet().stream()
                .map(
                    month ->
                        new GroupsMonth(
                            start(month.getKey()), shares(month.getValue(), names::group)))
                .toList()));
  }

  private record MembersAnswer(String currency, List<MembersMonth> periods) {}

  private record MembersMonth(String period, List<Share> members) {}

  /// Our own: the same by member. Calls of which nobody noted whose they were stand under the empty
  /// id.
  Answer byMember(Visit visit, Payer payer) {
    Names names = new Names(rooms.identities().organizations());
    return HubJson.answer(
        new MembersAnswer(
            "USD",
            months(visit, payer, Spender::account).entrySet().stream()
                .map(
                    month ->
                        new MembersMonth(
                            start(month.getKey()), shares(month.getValue(), names::member)))
                .toList()));
  }

  private record Sum(long requests, Nanos charge) {
    private Sum plus(Sum other) {
      return new Sum(Math.addExact(requests, other.requests), charge.plus(other.charge));
    }
  }

  /// What each spent, and under 0 what all calls have beyond them.
  private Map<YearMonth, Map<Long, Sum>> months(
      Visit visit, Payer payer, ToLongFunction<Spender> whose) {
    Period period = Period.of(visit, rooms.nowMicros().getAsLong());
    Map<YearMonth, Map<Long, Sum>> months = new TreeMap<>();
    List<SpenderUse> named =
        rooms.usage().spenders(payer.wallet(), period.fromMicros(), period.toMicros());
    Report all = rooms.usage().report(payer.wallet(), period.fromMicros(), period.toMicros());
    for (Report.DayUse day : all.days()) {
      Sum sum = new Sum(day.totals().requests(), day.totals().charge());
      add(months, YearMonth.from(day.day()), 0, sum);
    }
    for (SpenderUse use : named) {
      long key = whose.applyAsLong(use.spender());
      add(months, use.month(), key, new Sum(use.requests(), use.charge()));
      add(months, use.month(), 0, new Sum(-use.requests(), Nanos.ZERO.minus(use.charge())));
    }
    months.values().forEach(month -> month.values().removeIf(sum -> sum.requests() == 0));
    months.values().removeIf(Map::isEmpty);
    return months;
  }

  private static void add(
      Map<YearMonth, Map<Long, Sum>> months, YearMonth month, long key, Sum sum) {
    months.computeIfAbsent(month, _ -> new TreeMap<>()).merge(key, sum, Sum::plus);
  }

  private static List<Share> shares(Map<Long, Sum> month, LongFunction<@Nullable String> nameOf) {
    return month.entrySet().stream()
        .map(
            each ->
                new Share(
                    each.getKey() == 0 ? NONE : HubId.of(each.getKey()),
                    Objects.requireNonNullElse(nameOf.apply(each.getKey()), NONE),
                    each.getValue().requests(),
                    Cents.of(each.getValue().charge())))
        .toList();
  }

  private static String start(YearMonth month) {
    return Iso.of(MonthlyGrant.startOf(month));
  }
}
