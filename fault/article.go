package fault

import "strings"

// A is a name with its article, for texts about a type that is not known when they are written: "an Observation", "a Patient".
// It goes by the letter: u is taken for a vowel in "un" alone.
func A(name string) string {
	article := "a"
	if name != "" && strings.ContainsRune("aeioAEIO", rune(name[0])) || strings.HasPrefix(strings.ToLower(name), "un") {
		article = "an"
	}
	return article + " " + name
}
