client.config.add_user_agent("pid-contoso-myoffer-partnercenter")
