package summary

import (
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/report/human"
)

// Commands says how the person calls pidledger, so that what the summary advises can be typed as it stands.
type Commands struct {
	Flags    string // that every command needs, such as "--config /etc/pidledger.yaml"; empty: none
	Registry string // path of the registrations file; empty: none is configured
}

func (c Commands) call(args string) string {
	if c.Flags == "" {
		return human.Program + " " + args
	}
	return human.Program + " " + args + " " + c.Flags
}

// Advise completes the commands of Changes and fills Next: what to do about what the summary shows, the most pressing first. The other fields must be complete.
func (s *Summary) Advise(c Commands) {
	s.Next = nil
	s.locate(c)
	add := func(command, do, why string, args ...any) {
		s.Next = append(s.Next, Step{Why: fmt.Sprintf(why, args...), Do: do, Command: command})
	}
	if s.Inputs != nil {
		s.adviseInputs(c, add)
	}
	if s.Reports == nil {
		if s.Inputs != nil {
			add(c.call("report"), "write the reports", "The ledger is up to date")
		}
		return
	}
	if s.LatestMonth == "" {
		add(c.call("files"), "see what was recognised, and name the folder of the usage exports under `sources`", "The ledger holds no usage")
		return
	}
	s.adviseEvidence(add)
	s.adviseIDs(c, add)
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
	n := map[string]int64{}
	for _, f := range s.Inputs.Files {
		n[f.Status] = f.Files
	}
	if n["failed"] > 0 {
		add(c.call("files --status failed"), "see why; each is tried again in the next run", "%s not be read", human.Were(n["failed"], "file could", "files could"))
	}
	if n["unknown"] > 0 {
		add(c.call("files --status unknown"), "take them out of the sources, or describe a request log under `sources` with `format: requests` and `columns`",
			"%s no known format", human.Were(n["unknown"], "file has", "files have"))
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
	if n["waiting"] > 0 {
		add(c.call("files --status waiting"), "wait: they count as soon as their manifest and all their files are there; look into it if it stays so",
			"%s an export run that is not complete", human.Were(n["waiting"], "file belongs to", "files belong to"))
	}
}

func (s *Summary) adviseIDs(c Commands, add adviser) {
	registry := c.Registry
	if registry == "" {
		add("", "name the file with your tracking ids under `registry`; without it nothing can be attributed", "No registry is configured")
		registry = "the registry"
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
			fmt.Sprintf("register those that are yours in %s, starting with this one, which costs most, and run again", registry), "Ids without a registration own usage")
	}
	if s.LateIDs > 0 {
		add("", fmt.Sprintf("correct registered_at in %s, or set attribution.retroactive if such usage should count", registry),
			"%s registered only after the deployment", human.Were(s.LateIDs, "id was", "ids were"))
	}
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

// EvidenceCommand gets records that tell who created what, as far as Azure still has them.
type EvidenceCommand struct {
	Command string
	Kind    string // of the records: a folder for them
	File    string
}

// EvidenceCommands are those for one subscription.
var EvidenceCommands = []EvidenceCommand{
	{"az monitor activity-log list --offset 90d --max-events 100000", "activity", "activity.json"},
	{"az deployment sub list", "deployments", "deployments.json"},
	{"az deployment group list --resource-group RG", "deployments", "deployments-RG.json"},
}

// adviseEvidence names the subscriptions whose usage cannot be judged.
func (s *Summary) adviseEvidence(add adviser) {
	if s.OnlyUsage {
		add("", "put deployments, deployment operations, activity logs or request logs of the subscriptions into the sources and run again",
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
		add("", "deliver deployments, deployment operations, activity logs or resource changes of "+human.Few(ids), "Usage without any evidence of who created it (no_evidence)")
	}
}

// guidLen is the length of a subscription's id.
const guidLen = 36
