package summary

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/report/human"
)

// Commands says how the person calls pidledger, so that what the summary advises can be typed as it stands.
type Commands struct {
	Flags    func(command string) string // that a command such as "files --status failed" needs to find the same ledger and reports; nil: none
	Registry string                      // path of the registrations file; empty: none is configured
}

// flags are those of a command with a blank before them, or empty.
func (c Commands) flags(command string) string {
	if c.Flags == nil {
		return ""
	}
	if f := c.Flags(command); f != "" {
		return " " + f
	}
	return ""
}

func (c Commands) call(args string) string { return human.Program + " " + args + c.flags(args) }

// Advise completes the commands of Changes and fills Next: what to do about what the summary shows, the most pressing first. The other fields must be complete.
func (s *Summary) Advise(c Commands) {
	s.Next, s.Details = nil, c.call("report --details")
	s.locate(c)
	add := func(command, do, why string, args ...any) {
		s.Next = append(s.Next, Step{Why: fmt.Sprintf(why, args...), Do: do, Command: command})
	}
	if s.Inputs != nil {
		s.adviseInputs(c, add)
	}
	if s.Reports == nil {
		if s.Inputs != nil {
			s.adviseWaiting(c, add)
			add(c.call("report"), "write the reports", "The ledger is up to date")
		}
		return
	}
	if s.LatestMonth == "" {
		add(c.call("files"), "see what was recognised, and name the folder of the usage exports under `sources`", "The ledger holds no usage")
		return
	}
	s.adviseIDs(c, add)
	s.adviseEvidence(c, add)
	s.adviseLater(add)
	if s.Inputs != nil {
		s.adviseWaiting(c, add)
	}
	if s.Overlaps > 0 {
		add("", "take one of the two out of the sources; the report overlaps names them", "%s delivered by two exports or files (only one counts)", human.Were(s.Overlaps, "range of usage is", "ranges of usage are"))
	}
	if slices.ContainsFunc(s.GivenUp, func(g GivenUp) bool { return g.Reason == "added_up" }) {
		add("", "look at the pairs that the report overlaps names (added_up): when one tells the other's usage again, take it out of the sources",
			"Files that share days and hold different charges were added up")
	}
}

type adviser func(command, do, why string, args ...any)

func (s *Summary) adviseInputs(c Commands, add adviser) {
	n := s.Inputs.count()
	if n["failed"] > 0 {
		add(c.call("files --status failed"), "see why; each is tried again in the next run", "%s not be read%s", human.Were(n["failed"], "file could", "files could"), s.Inputs.first("failed"))
	}
	if n["unknown"] > 0 {
		add(c.call("files --status unknown"), "take them out of the sources, or describe a request log under `sources` with `format: requests` and `columns`",
			"%s no known format%s", human.Were(n["unknown"], "file has", "files have"), s.Inputs.first("unknown"))
	}
	if s.Inputs.Rejected > 0 {
		add(c.call("files"), "fix them at the source and deliver the file again", "%s rejected", human.Were(s.Inputs.Rejected, "row was", "rows were"))
	}
	if n := RejectedRows(s.Inputs.Before); n > 0 && s.Inputs.Rejected == 0 {
		add(c.call("files"), "fix them at the source and deliver the file again", "%s rejected when the file was read", human.Were(n, "row was", "rows were"))
	}
	if n := len(s.Inputs.Unplaced); n > 0 {
		add("", "set `subscription: GUID` beside the path under `sources`; without it the operations of these deployments are not found",
			"%s no subscription (%s)", human.Were(int64(n), "file of deployments names", "files of deployments name"), human.Few(s.Inputs.Unplaced))
	}
}

func (s *Summary) adviseIDs(c Commands, add adviser) {
	if c.Registry == "" {
		add("", "name the file with your tracking ids under `registry`; without it nothing can be attributed", "No registry is configured")
	}
	first := ""
	for _, u := range s.Unregistered {
		if u.Kind != "late" && u.EffectiveCost.Sign() > 0 {
			first = u.TrackingID
			break
		}
	}
	if first != "" {
		add(c.call("registry add "+first+" --mpn MPN_ID --offer OFFER --channel CHANNEL"),
			"register those that are yours, starting with the one that costs most, and run again", "Ids without a registration own %s", s.status("unregistered"))
	}
	if s.LateIDs > 0 {
		add("", "correct registered_at in the registry, or set attribution.retroactive if such usage should count",
			"%s with %s registered only after the deployment", human.Plural(s.LateIDs, "id"), s.status("late")+map[bool]string{true: " was", false: " were"}[s.LateIDs == 1])
	}
}

// adviseLater says what helps new deployments.
func (s *Summary) adviseLater(add adviser) {
	for _, m := range s.Malformed {
		if m.Suggestion != "" {
			add("", fmt.Sprintf("write pid-%s in the template or User-Agent; only new deployments are helped by it", m.Suggestion), "%s is malformed", m.Token)
			break // the section above lists the others
		}
	}
	if n := len(s.NeverSeen); n > 0 && !s.OnlyUsage {
		add("", "check that the published templates carry them, and that the exports of the subscriptions they are used in are delivered (report tracking_ids: empty first_seen)",
			"%s never seen (%s)", human.Were(int64(n), "registered id was", "registered ids were"), human.Few(s.NeverSeen))
	}
}

// adviseWaiting says what counts later by itself.
func (s *Summary) adviseWaiting(c Commands, add adviser) {
	if n := s.Inputs.count()["waiting"]; n > 0 {
		add(c.call("files --status waiting"), "they count as soon as their manifest and all their files are there; look into it if it stays so",
			"%s an export run that is not complete", human.Were(n, "file belongs to", "files belong to"))
	}
}

// first names the first file that could not be used, in brackets.
func (in *Inputs) first(status string) string {
	for _, f := range in.Problems {
		if f.Status == status {
			return " (" + f.Path + map[bool]string{true: ", ...", false: ""}[in.count()[status] > 1] + ")"
		}
	}
	return ""
}

// count gives the files by status.
func (in *Inputs) count() map[string]int64 {
	n := map[string]int64{}
	for _, f := range in.Files {
		n[f.Status] = f.Files
	}
	return n
}

// status gives the money of a status, or of a reason of unattributed usage, in all months; "usage" when there is none to name.
func (s *Summary) status(name string) string {
	var parts []string
	for _, m := range s.Money {
		for _, l := range slices.Concat(m.Statuses, m.Reasons) {
			if l.Name == name && l.All.EffectiveCost.Sign() > 0 {
				parts = append(parts, human.Rounded(l.All.EffectiveCost)+" "+currencyName(m.Currency))
			}
		}
	}
	return cmp.Or(human.Few(parts), "usage")
}

// adviseEvidence names the subscriptions whose usage cannot be judged.
func (s *Summary) adviseEvidence(c Commands, add adviser) {
	if s.OnlyUsage {
		add(c.call("collect"), "get it from Azure, and put request logs with User-Agent into the sources if ids are in API calls; then run again",
			"No evidence was delivered that could carry a tracking id")
		return
	}
	var ids []string
	for _, b := range s.NoEvidence {
		if b.EffectiveCost.Sign() > 0 && len(b.SubscriptionID) == guidLen { // accounts of other clouds have none
			ids = append(ids, b.SubscriptionID)
		}
	}
	if len(ids) > 0 {
		add(c.call("query evidence_gaps"), "deliver deployments, deployment operations, activity logs or resource changes of "+human.Few(ids),
			"%s without any evidence of who created it (no_evidence)", s.status("no_evidence"))
	}
}

// guidLen is the length of a subscription's id.
const guidLen = 36
