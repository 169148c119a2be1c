/*
 * The limit: what the least program costs that asks a PostgreSQL server anything. Static, like ours.
 * limit CONNECTION-STRING
 */
#include <libpq-fe.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	PGconn *connection = PQconnectdb(argc == 2 ? argv[1] : "");
	PGresult *result = PQexec(connection, "select 1");

	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		(void)fputs(PQerrorMessage(connection), stderr);
		return 1;
	}
	PQclear(result);
	PQfinish(connection);
	return 0;
}
