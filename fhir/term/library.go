package term

import (
	"slices"
	"strings"
)

// Library finds definitions by their canonical url, with or without |version. Nil without an error: it is not there.
type Library interface {
	CodeSystem(canonical string) (*CodeSystem, error)
	ValueSet(canonical string) (*ValueSet, error)
}

// Coding is a code of a system. What is empty was not said.
type Coding struct{ System, Version, Code, Display string }

// canonical is a url with its version.
func canonical(url, version string) string {
	if version == "" || strings.Contains(url, "|") {
		return url
	}
	return url + "|" + version
}

// told names definitions that are missing, and where another version than the one that is asked for is there, that one; and
// code systems of which only a part is there.
func told(lib Library, missing []string) string {
	var out, parts []string
	for _, m := range missing {
		if _, is := GrammarOf(m); is {
			parts = append(parts, "the codes of "+m+" are built by a grammar, without end")
			continue
		}
		if cs, err := lib.CodeSystem(m); err == nil && cs != nil && !cs.Empty() {
			parts = append(parts, "only a part of "+m+" is loaded (its content is "+cs.Content+")")
			continue
		}
		url, _, versioned := strings.Cut(m, "|")
		if there := newest(lib, url); versioned && there != "" {
			m += " (there is version " + there + ")"
		}
		out = append(out, m)
	}
	switch len(out) {
	case 0:
	case 1:
		parts = append(parts, out[0]+" is not loaded")
	default:
		parts = append(parts, strings.Join(out, ", ")+" are not loaded")
	}
	return strings.Join(parts, ", and ")
}

// endless reports whether all that is missing is there, but has no end.
func endless(missing []string) bool {
	return len(missing) > 0 && !slices.ContainsFunc(missing, func(m string) bool {
		_, is := GrammarOf(m)
		return !is
	})
}

// newest is the version in which a url is there, if it is.
func newest(lib Library, url string) string {
	if cs, err := lib.CodeSystem(url); err == nil && cs != nil {
		return cs.Version
	}
	if vs, err := lib.ValueSet(url); err == nil && vs != nil {
		return vs.Version
	}
	return ""
}

// Verdict is an answer that may not be known.
type Verdict uint8

// The verdicts.
const (
	No Verdict = iota
	Yes
	Unknown // a code system that decides is not there, or not whole
)

func verdict(b bool) Verdict {
	if b {
		return Yes
	}
	return No
}

func (v Verdict) and(w Verdict) Verdict {
	switch {
	case v == No || w == No:
		return No
	case v == Unknown || w == Unknown:
		return Unknown
	}
	return Yes
}

func (v Verdict) or(w Verdict) Verdict { return v.not().and(w.not()).not() }

func (v Verdict) not() Verdict {
	switch v {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}
