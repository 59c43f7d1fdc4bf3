package page

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
)

// How much of the long lists the page shows. The reports have all of it.
const (
	listRows   = 200 // of each list and currency
	idRows     = 1000
	chartWeeks = 13 // of the weekly chart
	sparkLine  = 12 // months of a sparkline
)

// The rows of queries/page. An amount that is a pointer is nil where there was no usage.

// inCurrency is a row that stands in the section of its currency.
type inCurrency struct{ Currency string }

func (r inCurrency) currency() string { return r.Currency }

type currencyRow struct {
	Currency       string
	AttributedRows int64
	IsDuplicated   bool
}

type coverageRow struct {
	inCurrency
	Month, Name string
	IsReason    bool
	Cost        columnar.Dec
	UsageRows   int64
}

// pointRow is a part of a chart, or of a sparkline: a channel or customer in a month or on a day.
type pointRow struct {
	inCurrency
	Label, Name string
	Cost        columnar.Dec
}

type offerPointRow struct {
	inCurrency
	MPN               string `sql:"mpn_id"`
	Offer, SKU, Label string
	Cost              columnar.Dec
}

type figuresRow struct {
	inCurrency
	Month                               string
	Customers, Subscriptions, Resources int64
	IDs                                 int64
}

// compared is a line of a table that compares two months.
type compared struct {
	inCurrency
	Cost, CostBefore *columnar.Dec
	AllCost          columnar.Dec
	Lines            int64
}

type channelRow struct {
	compared
	Channel string
}

type mpnRow struct {
	compared
	MPN string `sql:"mpn_id"`
}

type offerRow struct {
	compared
	MPN            string `sql:"mpn_id"`
	Offer, SKU     string
	Resources, IDs int64
}

type customerRow struct {
	compared
	Customer, Name string
	Subscriptions  int64
}

type lineRow struct {
	inCurrency
	Offer, Channel                string
	MPN                           string `sql:"mpn_id"`
	Cost                          columnar.Dec
	Share, Growth                 string
	Customers, Deployments, Lines int64
}

type unattributedRow struct {
	inCurrency
	Cause                         string
	SubscriptionID, ResourceID    string
	Cost                          columnar.Dec
	UsageRows                     int64
	FirstUsageDate, LastUsageDate string
	Lines                         int64
}

type stakeRow struct {
	inCurrency
	TrackingID, Kind    string
	Cost                columnar.Dec
	FirstSeen, LastSeen string
	Requests, Lines     int64
}

type idleRow struct {
	TrackingID, Kind, FirstSeen, LastSeen string
	Requests, Lines                       int64
}

type malformedRow struct {
	Token, Reason, Suggestion, Source, LastSeen string
	Sightings, Lines                            int64
}

type restatedRow struct {
	inCurrency
	Month, Status, Cause string
	ReplacedAt           time.Time
	Old, New, Difference columnar.Dec
	IsNew                bool
	Lines                int64
}

type overlapRow struct {
	inCurrency
	Month, SubscriptionID, Kept, Dropped, Reason string
	Days, UsageRows                              int64
	Cost                                         columnar.Dec
	Lines                                        int64
}

type idRow struct {
	TrackingID, Offer, SKU, Channel, FirstSeen, LastSeen, LastUsageDate string
	Succeeded, Failed, Requests, Resources, UsageRows, Never, Lines     int64
}

// asker runs the queries of the page; after an error the others give no rows.
type asker struct {
	ctx    context.Context //nolint:containedctx // of the one call of Write that the queries belong to
	reader *adhoc.Reader
	err    error
}

// ask runs a query of queries/page; params are pairs of a name and a value.
func ask[T any](a *asker, query string, params ...string) []T {
	if a.err != nil {
		return nil
	}
	given := map[string]string{}
	for i := 0; i+1 < len(params); i += 2 {
		given[params[i]] = params[i+1]
	}
	rows, err := adhoc.Ask[T](a.ctx, a.reader, queries.Text("page/"+query+".sql"), given)
	if err != nil {
		a.err = fmt.Errorf("ask the snapshot for %s: %w", query, err)
	}
	return rows
}

// of gives the rows of one currency.
func of[T interface{ currency() string }](rows []T, currency string) (out []T) {
	for _, r := range rows {
		if r.currency() == currency {
			out = append(out, r)
		}
	}
	return out
}

// facts are the rows of the page.
type facts struct {
	currencies   []currencyRow
	coverage     []coverageRow
	months, days []pointRow
	figures      []figuresRow
	channels     []channelRow
	mpns         []mpnRow
	offers       []offerRow
	customers    []customerRow
	lines        []lineRow
	unattributed []unattributedRow
	stakes       []stakeRow
	restated     []restatedRow
	overlaps     []overlapRow
	ids          []idRow
	idle         []idleRow
	malformed    []malformedRow

	offerTrends    []offerPointRow
	customerTrends []pointRow
}

// collect asks for what the page shows of a month beside the one before; before may be empty. Weeks begin on firstDay, sparklines in the month
// firstMonth.
func (f *facts) collect(a *asker, run, month, before, firstDay, firstMonth string) {
	rows := strconv.Itoa(listRows)
	pair := []string{"month", month, "before", before, "rows", rows}
	f.months, f.days = ask[pointRow](a, "channels"), ask[pointRow](a, "days", "from", firstDay)
	f.figures = ask[figuresRow](a, "figures", pair[:4]...)
	f.channels = ask[channelRow](a, "channels_compared", pair...)
	f.mpns = ask[mpnRow](a, "mpns", pair...)
	f.offers = ask[offerRow](a, "offers", pair...)
	f.customers = ask[customerRow](a, "customers", pair...)
	f.offerTrends = ask[offerPointRow](a, "offer_trends", "from", firstMonth)
	f.customerTrends = ask[pointRow](a, "customer_trends", append(pair, "from", firstMonth)...)
	f.lines = ask[lineRow](a, "lines", "month", month, "rows", rows)
	f.unattributed = ask[unattributedRow](a, "unattributed", "month", month, "rows", rows)
	f.stakes = ask[stakeRow](a, "stakes", "rows", rows)
	f.restated = ask[restatedRow](a, "restated", "run", run, "rows", rows)
	f.overlaps = ask[overlapRow](a, "overlaps", "rows", rows)
	f.ids = ask[idRow](a, "tracking_ids", "rows", strconv.Itoa(idRows))
	f.idle = ask[idleRow](a, "idle", "rows", rows)
	f.malformed = ask[malformedRow](a, "malformed", "rows", rows)
}

// units gives an amount x 10^18; nil stays nil.
func units(n *columnar.Dec) *big.Int {
	if n == nil {
		return nil
	}
	return n.BigInt()
}
