package source

import "fmt"

// Position is the place of a row in its source. It is kept as a checkpoint: Rows goes on behind it.
type Position struct {
	Offset    int64  `json:"offset,omitempty"`    // of a dump: bytes before the row in the unpacked file
	Line      int64  `json:"line,omitempty"`      // of a dump: line of the row's first byte, from 1
	Statement int64  `json:"statement,omitempty"` // of a dump: number of the statement, from 1
	Row       int64  `json:"row,omitempty"`       // number of the row in its table, in the order of the source, from 1
	Key       []byte `json:"key,omitempty"`       // the row's key: see Row.Key
}

// String names the place for people.
func (p Position) String() string {
	return fmt.Sprintf("line %d, byte %d, statement %d, row %d", p.Line, p.Offset, p.Statement, p.Row)
}
