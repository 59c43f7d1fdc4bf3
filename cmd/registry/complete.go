package registry

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report"
)

// completeFields completes flags from what the registry file has in a column already, so that an offer keeps its one spelling. It needs no
// snapshot: the file is there before the first run.
func completeFields(p *cli.Program, cmd *cobra.Command, flags *config.Flags, fields map[string]func(registry.Registration) string) {
	for name, field := range fields {
		cli.CompleteFlag(cmd, name, func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			p.Quiet = true // notes would stand in the line that is being typed
			file, err := openRegistry(cmd.Context(), p, *flags, true)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			values := map[string]bool{}
			for _, r := range file.ids {
				values[field(r)] = true
			}
			isList := strings.HasSuffix(cmd.Flags().Lookup(name).Value.Type(), "Slice")
			before := ""
			if isList { // the last member is being typed
				before = word[:strings.LastIndex(word, ",")+1]
				for member := range strings.SplitSeq(before, ",") {
					delete(values, member)
				}
			}
			var words []report.Word
			for _, v := range slices.Sorted(maps.Keys(values)) {
				if v != "" && (!isList || !strings.ContainsAny(v, `,"`)) { // such a member needs quotes of its own
					words = append(words, report.Word{Word: before + v})
				}
			}
			return cli.Offered(words, word), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

func offerOf(r registry.Registration) string   { return r.Offer }
func skuOf(r registry.Registration) string     { return r.SKU }
func channelOf(r registry.Registration) string { return r.Channel }
func mpnOf(r registry.Registration) string     { return r.MPNID }
