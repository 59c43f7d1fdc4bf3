package azure

// Days counts the days from 1970-01-01 to a date of the proleptic Gregorian calendar; ok is false for a day that does not exist and for years
// before 1. It avoids the cost of time.Time, because a date is read per row, a hundred million times.
func Days(year, month, day int) (days int32, ok bool) {
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	if day > 28 && day > daysIn(year, month) {
		return 0, false
	}
	// Years that begin in March make the leap day the last one.
	y, m := year, month
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int32(era*146097 + doe - 719468), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// MonthStart returns the first day of the month of a day, both in days since 1970-01-01.
func MonthStart(days int32) int32 { return days - DayOfMonth(days) + 1 }

// DayOfMonth returns the day of the month, 1 to 31, of a day in days since 1970-01-01.
func DayOfMonth(days int32) int32 {
	z := int(days) + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	return int32(doy - (153*mp+2)/5 + 1)
}
