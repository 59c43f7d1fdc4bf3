package summary

import (
	"fmt"

	"github.com/pidledger/pidledger/report/human"
)

// DoubtfulRuns is the note on resources whose owner hangs on which run of a deployment made them, where no record tells; name is that of one of
// the deployments.
func DoubtfulRuns(resources, deployments int64, name string) string {
	which := fmt.Sprintf("deployment %q", name)
	if deployments > 1 {
		which = fmt.Sprintf("each of %s deployments, such as %q,", human.Thousands(deployments), name)
	}
	return fmt.Sprintf("the owner of %s is in doubt: %s ran several times, not always with the same ids, and its records do not say when a run began. "+
		"What it created went to the first run that ended afterwards; the activity log of the subscription has the starts", human.Plural(resources, "resource"), which)
}

// CrowdedTexts is the note on deployment names and User-Agents that hold more tokens than are taken of one text; passed is how many were not.
func CrowdedTexts(texts, passed int64) string {
	return fmt.Sprintf("more than 32 `pid-` in one deployment name or User-Agent (%s): of each the first 32 are read, %s are not",
		human.Plural(texts, "text"), human.Thousands(passed))
}
