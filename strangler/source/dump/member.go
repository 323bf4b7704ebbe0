package dump

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// member turns the number of a member of column i into its name, as the database does.
func (r *Reader) member(i int, c *source.Cell) error {
	column := &r.into.table.Columns[i]
	n, err := strconv.ParseUint(string(c.Bytes), 10, 64)
	names, ok := chosen(column, n)
	if err != nil || !ok {
		return r.fail(fault.Invalid, "a value of column %s is the number of none of its members", column.Name)
	}
	c.Bytes = []byte(strings.Join(names, ","))
	return nil
}

// chosen are the members that n stands for: of an enum the one at that place, from 1; of a set those whose bits are on. 0 is
// none of them, which is the empty text.
func chosen(column *source.Column, n uint64) (names []string, ok bool) {
	if column.Type == "enum" {
		if n == 0 || n > uint64(len(column.Enum)) {
			return nil, n == 0
		}
		return column.Enum[n-1 : n], true
	}
	for i, name := range column.Enum {
		if n>>i&1 == 1 {
			names = append(names, name)
		}
	}
	return names, n>>len(column.Enum) == 0
}
