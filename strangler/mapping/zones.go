package mapping

// The time zone database is part of the program, for machines that have none.
import _ "time/tzdata"
