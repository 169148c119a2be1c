-- pg-entrypoint: vars app_password user_name?
create role nexus password :'app_password';
select :'user_name', 'not :''app_password''', :"left alone", a::text from t;
