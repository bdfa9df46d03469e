"""What the DAG files share: the day of a run, secrets from connections, retries, the failure alert, the report's link.

A DAG file says which task follows which; this room translates between Airflow and `drift.night.run` and holds no logic of
either. Whatever is heavy is imported inside the functions: Airflow reads DAG files over and over.
"""
