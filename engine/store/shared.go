package store

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
)

// Column resource.shared lists the keys of the values (index.Value) that a resource has itself. A search that asks for
// thousands of values looks there which of them one resource has, instead of looking up thousands of keys for it.

// ownKeys are the keys of a resource's own values, sorted: of those of what it contains it has no rows.
func ownKeys(rows index.Rows) (keys []int64) {
	for _, v := range rows.Values {
		if _, own := slices.BinarySearchFunc(rows.Token, v.Key, func(t index.TokenRow, key int64) int { return compareToken(t, index.TokenRow{Hash: key}) }); own {
			keys = append(keys, v.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// sharedText is a JSON array; empty for no keys.
func sharedText(keys []int64) string {
	if len(keys) == 0 {
		return ""
	}
	text, _ := json.Marshal(keys) // numbers cannot fail
	return string(text)
}

// ofResource takes the text of a row of table resource apart: parameters are no characters of JSON (presentBase).
func ofResource(text string) (present, shared string) {
	if i := strings.IndexByte(text, '['); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// otherKeys is the text of a list without some keys and with others.
func otherKeys(was string, drop, add []int64) string {
	var keys []int64
	if was != "" && json.Unmarshal([]byte(was), &keys) != nil {
		return was // what cannot be read is for CheckIndex to tell
	}
	keys = slices.DeleteFunc(keys, func(key int64) bool { return slices.Contains(drop, key) })
	keys = append(keys, add...)
	slices.Sort(keys)
	return sharedText(slices.Compact(keys))
}

const (
	// keysOfText is what PostgreSQL makes of a list of keys as text.
	keysOfText = `translate(NULLIF(q.shared, ''), '[]', '{}')::int8[]`
	// textOfKeys undoes it.
	textOfKeys = `COALESCE(translate(r.shared::text, '{}', '[]'), '')`
)

// amongKeys matches resources that have one of the values of a list that meet a test of v.value. On PostgreSQL IS TRUE keeps
// the list in a table of hashes: as a join, or as an overlap of arrays, each resource would be compared with all of it.
func (c *compiler) amongKeys(where string, args []any) test {
	if c.from.Dialect() == db.SQLite {
		return test{text: db.Same("EXISTS (SELECT 1 FROM json_each(x.shared) j WHERE j.value IN (SELECT v.key" + where + "))"), args: args}
	}
	return test{text: db.Same("EXISTS (SELECT 1 FROM unnest(x.shared) k WHERE (k IN (SELECT v.key" + where + ")) IS TRUE)"), args: args}
}
