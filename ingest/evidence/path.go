package evidence

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// PathSubscription returns the subscription that the folders of a path say their files are of: resourceId=/SUBSCRIPTIONS/<GUID>/, as
// Azure writes it, or a folder subscription-<GUID>. Empty when none says so, or two say different things; a folder that is only named by a
// GUID may be anything.
func PathSubscription(path string) string {
	folders := strings.Split(strings.ToLower(path), "/")
	folders = folders[:len(folders)-1]
	found := ""
	for i, folder := range folders {
		id := ""
		if i > 0 && slices.Contains(subscriptionWords, folders[i-1]) {
			if i > 1 && folders[i-2] == "workspaceresourceid=" {
				continue // where the workspace is, not what its tables tell of
			}
			id = folder
		}
		for _, word := range subscriptionWords {
			if rest, ok := strings.CutPrefix(folder, word); ok && rest != "" && strings.Contains("-_= ", rest[:1]) {
				id = rest[1:]
			}
		}
		if !azure.IsGUID([]byte(id)) {
			continue
		}
		if found != "" && found != id {
			return ""
		}
		found = id
	}
	return found
}

// subscriptionWords are how folders say that a subscription's id follows.
var subscriptionWords = []string{"subscriptions", "subscription", "subscriptionid", "subs", "sub"}
