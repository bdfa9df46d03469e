"""The DAGs. A file in Airflow's dags folder that imports one shows it there."""
