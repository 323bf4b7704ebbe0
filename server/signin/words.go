package signin

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// worded is a scope, and what it means to people.
type worded struct{ Name, Words string }

func inWords(scopes []string) (list []worded) {
	for _, s := range scopes {
		list = append(list, worded{s, words(s)})
	}
	return list
}

// words says what a scope allows.
func words(scope string) string {
	switch scope {
	case "openid":
		return "know who you are"
	case "profile":
		return "see your name"
	case offline:
		return "go on for 30 days when you have signed out"
	case "fhirUser":
		return "know which record stands for you"
	case "launch/patient":
		return "know which patient you are"
	case "online_access":
		return "go on until you sign out, 12 hours at most"
	}
	parsed, err := access.ParseScopes(scope)
	if err != nil {
		return scope
	}
	level, rest, _ := strings.Cut(parsed.String(), "/")
	rest, narrowed, isNarrowed := strings.Cut(rest, "?")
	typ, rights, _ := strings.Cut(rest, ".")
	if typ == "*" {
		typ = "all kinds of records"
	} else {
		typ = "records of the kind " + typ
	}
	if level == "patient" {
		typ += " of one patient"
	}
	if isNarrowed {
		typ += " for which holds: " + plainly(narrowed)
	}
	return verbsOf(rights) + " " + typ
}

// plainly is the search of a scope without percent-encoding.
func plainly(query string) string {
	if text, err := url.QueryUnescape(query); err == nil {
		return strings.ReplaceAll(text, "&", " and ")
	}
	return query
}

func verbsOf(rights string) string {
	var verbs []string
	for _, v := range []struct{ letter, word string }{{"c", "create"}, {"r", "read"}, {"u", "change"}, {"d", "delete"}, {"s", "search"}} {
		if strings.Contains(rights, v.letter) {
			verbs = append(verbs, v.word)
		}
	}
	return listed(verbs)
}

// listed joins words as people do: read, change and search.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// lifeOf is how long a grant of these scopes stands.
func lifeOf(scopes []string) time.Duration {
	switch {
	case slices.Contains(scopes, offline):
		return offlineLife
	case goesOn(scopes):
		return onlineLife
	}
	return codeLife + accessLife
}

// unknownIfOver says of a request that was answered at the same time that it is not there.
func unknownIfOver(err error) error {
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Unknown, "the request was answered")
	}
	return err
}
