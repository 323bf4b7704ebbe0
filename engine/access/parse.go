package access

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Registration is the scope of tokens with which clients register themselves (RFC 7591).
const Registration = "registration"

// launchScopes are the scopes of SMART and OpenID Connect that name no resource type, and Registration. They are kept and grant
// nothing.
var launchScopes = [...]string{"fhirUser", "launch", "launch/encounter", "launch/patient", "offline_access", "online_access", "openid", "profile", Registration}

// ParseScopes reads scopes separated by white space: level/Type.letters of SMART 2 (letters of "cruds" in that order),
// level/Type.read, .write and .* of SMART 1, and the launch scopes. The level is system, user or patient; the type may be
// "*". Behind the rights may stand a search that finds what the scope is about ("?category=laboratory"; see parseQuery).
// Faults: Invalid, which names the scope and what is wrong with it.
func ParseScopes(text string) (Scopes, error) {
	var s Scopes
	words := strings.Fields(text)
	if len(words) == 0 {
		return s, fault.New(fault.Invalid, "no scope is given; for example system/*.rs")
	}
	for _, word := range words {
		if err := s.parse(word); err != nil {
			return Scopes{}, err
		}
	}
	s.text = s.words()
	return s, nil
}

func (s *Scopes) parse(word string) error {
	if slices.Contains(launchScopes[:], word) {
		s.keep(word)
		return nil
	}
	plain, query, narrowed := strings.Cut(word, "?")
	head, rest, ok := strings.Cut(plain, "/")
	at := slices.Index(levelNames[:], head)
	if !ok || at < 0 {
		return wrongScope(word, "it must begin with system/, user/ or patient/")
	}
	typ, rights, ok := strings.Cut(rest, ".")
	if !ok {
		return wrongScope(word, "behind the slash stand a resource type or *, a dot and the rights")
	}
	if _, known := r4.ResourceIndex(typ); !known && typ != "*" {
		return wrongScope(word, "R4 has no resource type of that name")
	}
	allowed, ok := parseRights(rights)
	if !ok {
		return wrongScope(word, "the rights are letters of cruds in that order, or read, write or *")
	}
	g := grant{level: level(at), typ: typ, allowed: allowed}
	if narrowed {
		var err error
		if g.query, err = parseQuery(word, query); err != nil {
			return err
		}
	}
	s.add(g)
	return nil
}

func (s *Scopes) keep(word string) {
	if at, found := slices.BinarySearch(s.other, word); !found {
		s.other = slices.Insert(s.other, at, word)
	}
}

func wrongScope(word, why string) error {
	return fault.New(fault.Invalid, "the scope %q is not understood: %s", word, why)
}

func parseRights(rights string) (letters, bool) {
	switch rights {
	case "read":
		return letterR | letterS, true
	case "write":
		return letterC | letterU | letterD, true
	case "*":
		return letterC | letterR | letterU | letterD | letterS, true
	}
	var l letters
	from := 0
	for i := range len(rights) {
		at := strings.IndexByte(letterOrder[from:], rights[i])
		if at < 0 {
			return 0, false
		}
		l |= 1 << (from + at)
		from += at + 1
	}
	return l, l != 0
}
