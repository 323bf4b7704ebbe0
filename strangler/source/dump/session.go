package dump

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// session is what SET statements change and reading depends on.
type session struct {
	client source.Charset // character set of the bytes of literals
	mode   string         // sql_mode, upper case
	zone   string         // time_zone; "" is the server's own
	saved  map[string]string
	aside  bool // settings are put aside, and none of them was given back
}

func (s *session) noBackslash() bool { return strings.Contains(s.mode, "NO_BACKSLASH_ESCAPES") }
func (s *session) ansiQuotes() bool  { return strings.Contains(s.mode, "ANSI") }

// get is the value of a system variable by its name in lower case, "" for one that does not matter here.
func (s *session) get(name string) string {
	switch name {
	case "character_set_client":
		return s.client.Name
	case "sql_mode":
		return s.mode
	case "time_zone":
		return s.zone
	}
	return ""
}

// put sets a system variable; ok is false if it is a character set that cannot be read.
func (s *session) put(name, value string) (ok bool) {
	switch name {
	case "character_set_client", "names", "character set", "charset":
		cs, known := source.FindCharset(value)
		if known && cs.ASCII() {
			s.client = cs
		}
		return known && cs.ASCII()
	case "sql_mode":
		s.mode = strings.ToUpper(value)
	case "time_zone":
		s.zone = strings.TrimPrefix(value, "SYSTEM")
	}
	return true
}

// assignment is one part of a SET statement.
type assignment struct {
	name  string // system variable in lower case, or "@name" of a user variable
	value []token
}

// set runs a SET statement; bad is the character set that cannot be read, "" if there is none.
func (s *session) set(tokens []token) (bad string) {
	for _, a := range assignments(tokens) {
		value := s.value(a)
		if strings.HasPrefix(a.name, "@") {
			s.saved[a.name], s.aside = value, s.aside || a.putsAside()
			continue
		}
		s.aside = s.aside && !a.givesBack()
		if value == "" && a.name != "sql_mode" && a.name != "time_zone" {
			continue // not known here, or DEFAULT: stays
		}
		if !s.put(a.name, value) {
			return value
		}
	}
	return ""
}

// old begins the names of the variables in which dumps put settings aside at their beginning, to give them back at their end.
const old = "@old_"

func (a assignment) putsAside() bool {
	return strings.HasPrefix(a.name, old) && len(a.value) > 0 && strings.HasPrefix(a.value[0].text, "@@")
}

func (a assignment) givesBack() bool {
	return slices.ContainsFunc(a.value, func(t token) bool {
		return t.kind == variable && strings.HasPrefix(strings.ToLower(t.text), old)
	})
}

// value is what an assignment's right side comes to: a literal or another variable.
func (s *session) value(a assignment) string {
	if len(a.value) == 0 {
		return ""
	}
	switch first := a.value[0]; {
	case first.kind == variable && strings.HasPrefix(first.text, "@@"):
		return s.get(systemName(first.text))
	case first.kind == variable:
		return s.saved[strings.ToLower(first.text)]
	case first.is("default"):
		return ""
	default:
		return first.text
	}
}

// assignments splits a SET statement, without its first word, at the commas.
func assignments(tokens []token) (list []assignment) {
	for len(tokens) > 0 {
		end, depth := 0, 0
		for end < len(tokens) && (depth > 0 || !tokens[end].sign(',')) {
			depth += nesting(tokens[end])
			end++
		}
		if a, ok := readAssignment(tokens[:end]); ok {
			list = append(list, a)
		}
		tokens = tokens[min(end+1, len(tokens)):]
	}
	return list
}

func readAssignment(t []token) (a assignment, ok bool) {
	if len(t) > 0 && (t[0].is("session") || t[0].is("local")) {
		t = t[1:]
	}
	switch {
	case len(t) < 2 || t[0].is("global") || t[0].is("persist"):
		return a, false
	case t[0].is("names") || t[0].is("charset"):
		return assignment{"names", t[1:]}, true
	case t[0].is("character") && t[1].is("set"):
		return assignment{"names", t[2:]}, true
	}
	name := strings.ToLower(t[0].text)
	if strings.HasPrefix(name, "@@") {
		if strings.HasPrefix(name, "@@global.") {
			return a, false
		}
		name = systemName(name)
	}
	t = t[1:]
	for len(t) > 0 && (t[0].sign(':') || t[0].sign('=')) {
		t = t[1:]
	}
	return assignment{name, t}, true
}

// systemName is the variable's name in lower case: "@@session.Time_Zone" is time_zone.
func systemName(text string) string {
	name := strings.TrimPrefix(strings.ToLower(text), "@@")
	name = strings.TrimPrefix(name, "session.")
	return strings.TrimPrefix(name, "local.")
}

func nesting(t token) int {
	switch {
	case t.sign('('):
		return 1
	case t.sign(')'):
		return -1
	}
	return 0
}
