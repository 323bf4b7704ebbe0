package patch

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// pointer is a JSON Pointer (RFC 6901), taken apart.
type pointer []string

const maxTokens = 1 + maxDepth

// readPointer takes a pointer apart; ok is false for what is none.
func readPointer(s string) (p pointer, ok bool) {
	if s == "" {
		return nil, true
	}
	if s[0] != '/' || strings.Count(s, "/") > maxTokens {
		return nil, false
	}
	for token := range strings.SplitSeq(s[1:], "/") {
		if token, ok = unescaped(token); !ok {
			return nil, false
		}
		p = append(p, token)
	}
	return p, true
}

// unescaped reads ~1 as a slash and ~0 as a tilde; no other tilde may stand in a pointer.
func unescaped(token string) (string, bool) {
	for i := strings.IndexByte(token, '~'); i >= 0 && i < len(token); i++ {
		if token[i] == '~' && (i+1 == len(token) || token[i+1] != '0' && token[i+1] != '1') {
			return "", false
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"), true
}

// leads reports whether q is a place inside that of p.
func (p pointer) leads(q pointer) bool {
	if len(p) >= len(q) {
		return false
	}
	for i, token := range p {
		if q[i] != token {
			return false
		}
	}
	return true
}

// position reads a token as a place in a list of n items. Faults: Unprocessable.
func position(token string, n int) (int, error) {
	i, err := strconv.Atoi(token)
	if err != nil || strconv.Itoa(i) != token || i < 0 {
		return 0, refusal("the path leads into a list, but not by the number of an item")
	}
	if i >= n {
		return 0, refusal("the path leads behind the end of a list")
	}
	return i, nil
}

// child is the value of that name or number in a container.
func (n *node) child(token string) (*node, error) {
	switch n.kind {
	case fhir.Object:
		if kid := n.get(token); kid != nil {
			return kid, nil
		}
		return nil, refusal("the path leads to a member that is not there")
	case fhir.Array:
		i, err := position(token, len(n.open().kids))
		if err != nil {
			return nil, err
		}
		return n.kids[i], nil
	}
	return nil, refusal("the path leads into a value that has no members")
}

// look finds the value at the pointer.
func (n *node) look(p pointer) (*node, error) {
	for _, token := range p {
		next, err := n.child(token)
		if err != nil {
			return nil, err
		}
		n = next
	}
	return n, nil
}
