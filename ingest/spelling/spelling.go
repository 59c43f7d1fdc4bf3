// Package spelling finds the word that a typing error stands for: commands, flags and keys of the configuration, columns and channels of a
// registry.
package spelling

// longest is the longest word that is compared, in bytes; text of a user's file may be any length, and the time is the product of both.
const longest = 64

// Nearest returns the candidate that a typing error most likely stands for, or the empty text: at most two mistakes, and one in three
// characters. The first of equals wins.
func Nearest(word string, candidates []string) string {
	best, at := "", min(2, len(word)/3)+1
	for _, c := range candidates {
		if d := Distance(word, c); d < at {
			best, at = c, d
		}
	}
	return best
}

// Distance counts the insertions, deletions, substitutions and swaps of neighbours between two short words, byte by byte.
func Distance(a, b string) int {
	if len(a) > longest || len(b) > longest {
		return longest
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
